import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { Failure } from '../components/failure';
import { Again, Play } from '../components/glyphs';
import { useLate } from '../components/late';
import { Notice } from '../components/notice';
import { useSignals } from '../components/signal';
import type { ExplainPage } from '../models/explainpage';
import { causes, headline } from '../models/explainwords';
import { howLong } from '../models/sentence';
import type { Explained, IPipeline, RunOptions } from '../tokens';
import { ExplainStep } from './explainstep';
import { ExplainTable } from './explaintable';

export interface ExplainProps {
  model: ExplainPage;
  pipeline: IPipeline;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export interface ExplainPartProps extends ExplainProps {
  plan: Explained;
}

/** What will run, and why? Before anything does. */
export function ExplainView(props: ExplainProps): ReactElement {
  const { model, pipeline, commands, trans } = props;
  useSignals(model.changed, pipeline.changed);
  const { plan, error, busy } = model;
  /** The run that has just begun, if one has. */
  const shown = async (begun: Promise<string | null>): Promise<void> => {
    const id = await begun;
    if (id !== null) {
      await commands.execute('mlops:open-run', { path: model.path, run_id: id });
    }
  };
  return (
    <>
      <Toolbar {...props} onStart={options => void shown(model.start(options))} />
      <div className="jp-MlopsPage-body">
        {error && <Failure error={error} trans={trans} onAgain={() => void shown(model.again())} />}
        {plan && <Known {...props} plan={plan} />}
        {!plan && (busy || !error) && (
          <div className="jp-MlopsSkeleton" aria-hidden="true">
            {[62, 48, 70, 41, 56].map(width => (
              <div key={width} style={{ width: `${width}%` }} />
            ))}
          </div>
        )}
      </div>
      <div className="jp-MlopsLive" role="status" aria-live="polite">
        {plan && !busy ? headline(plan, trans) : ''}
      </div>
    </>
  );
}

interface ToolbarProps extends ExplainProps {
  onStart: (options: Partial<RunOptions>) => void;
}

function Toolbar({ model, pipeline, trans, onStart }: ToolbarProps): ReactElement {
  const { plan, busy } = model;
  const running = model.current && pipeline.run?.head.status === 'running';
  const stuck = !plan || busy || running || pipeline.busy !== null;
  const said = useLate(busy)
    ? trans.__('Looking…')
    : model.unsaved
      ? trans.__('Of the notebook as saved last')
      : trans.__('Nothing has run');
  return (
    <div className="jp-MlopsToolbar jp-mod-page" role="toolbar" aria-label={trans.__('Plan')}>
      <Button primary icon={<Play />} disabled={stuck} onClick={() => onStart({})}>
        {trans.__('Run this plan')}
      </Button>
      {model.current && (
        <Button disabled={stuck} onClick={() => onStart({ cache: false })}>
          {trans.__('Run without cache')}
        </Button>
      )}
      <Button quiet icon={<Again />} disabled={busy} onClick={() => void model.look()}>
        {trans.__('Look again')}
      </Button>
      <span className="jp-MlopsToolbar-end jp-mod-words">{said}</span>
    </div>
  );
}

function Known(props: ExplainPartProps): ReactElement {
  const { plan, trans } = props;
  return (
    <>
      <Head {...props} />
      <div className="jp-MlopsPage-columns jp-mod-wide">
        <div className="jp-MlopsPage-main">
          <ExplainTable {...props} />
          {plan.steps.some(step => step.fate === 'may-run') && (
            <section className="jp-MlopsExplain-words">
              <h2>{trans.__('What “may run” means')}</h2>
              <p className="jp-MlopsMuted">
                {trans.__(
                  'A step before it will run. If that step gives the same result as last time, byte for byte, this one stays cached. It is decided during the run.'
                )}
              </p>
            </section>
          )}
          <Notes {...props} />
        </div>
        <ExplainStep {...props} />
      </div>
    </>
  );
}

function Head({ model, plan, trans }: ExplainPartProps): ReactElement {
  const values = Object.entries(plan.parameters).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`
  );
  const facts = [
    ['', PathExt.basename(model.path)],
    ['', howLong(plan, trans)],
    [trans.__('Changed:'), causes(plan, trans)],
    [trans.__('With'), values.join(', ')]
  ];
  return (
    <div className="jp-MlopsPage-head">
      <div className="jp-MlopsPage-title">
        <h1>{headline(plan, trans)}</h1>
      </div>
      <ul className="jp-MlopsPage-facts">
        {facts.map(
          ([word, value], at) =>
            value && (
              <li key={at}>
                {word} <span>{value}</span>
              </li>
            )
        )}
      </ul>
    </div>
  );
}

function Notes({ model, plan, commands, trans }: ExplainPartProps): ReactElement | null {
  if (!plan.notes.length) {
    return null;
  }
  const go = (cell: number): void =>
    void commands.execute('mlops:go-to-cell', { path: model.path, cell });
  return (
    <section className="jp-MlopsExplain-words">
      <h2>{trans.__('Notes')}</h2>
      {plan.notes.map(({ cell, message }, at) => {
        const acts = cell !== null && (
          <Button bare onClick={() => go(cell)}>
            {trans.__('Go to cell %1', cell)}
          </Button>
        );
        return (
          <Notice key={at} warning acts={acts}>
            {message}
          </Notice>
        );
      })}
    </section>
  );
}
