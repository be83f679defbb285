import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { type ReactElement, useState } from 'react';

import { Unreachable } from '../api/request';
import { Button } from '../components/button';
import { Failure } from '../components/failure';
import { Notice } from '../components/notice';
import { useNow } from '../components/now';
import { Section } from '../components/section';
import { useSignals } from '../components/signal';
import { when } from '../models/words';
import type { IPipeline, IRuns } from '../tokens';
import { OptionsSection } from './options';
import { ParametersSection } from './parameters';
import { ProblemsSection } from './problems';
import { Skeleton, StepsSection } from './steps';
import { StepSection } from './step';
import { Summary } from './summary';
import { Toolbar } from './toolbar';

export interface PartProps {
  pipeline: IPipeline;
  runs: IRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The time in milliseconds; it ticks while a run goes on. */
  now: number;
}

/** What happens if she presses Run: a sentence, the steps, the parameters, what is wrong. */
export function PipelineView(props: Omit<PartProps, 'now'>): ReactElement {
  const { pipeline, runs, trans } = props;
  useSignals(pipeline.changed, pipeline.selectedChanged, runs.connectionChanged);
  const running = pipeline.run?.head.status === 'running';
  const now = useNow(running);
  const part: PartProps = { ...props, now };
  if (pipeline.path === null) {
    return <NoNotebook trans={trans} />;
  }
  const name = PathExt.basename(pipeline.path);
  return (
    <>
      <header className="jp-MlopsPanel-title">
        <span title={pipeline.path}>{name}</span>
      </header>
      <Toolbar {...part} />
      <Progress pipeline={pipeline} />
      <div className="jp-MlopsPanel-body">
        <Wrong {...part} />
        {pipeline.compiled ? <Known {...part} /> : !pipeline.error && <Loading trans={trans} />}
      </div>
      <Live pipeline={pipeline} trans={trans} />
    </>
  );
}

function Known(part: PartProps): ReactElement {
  const { pipeline, trans } = part;
  const view = pipeline.compiled?.pipeline;
  if (view && !view.steps.length) {
    return (
      <>
        <NoSteps {...part} />
        <ProblemsSection {...part} />
      </>
    );
  }
  return (
    <>
      {view && <Summary {...part} />}
      {view && <StepsSection {...part} />}
      <StepSection {...part} />
      {view && view.parameters.length > 0 && <ParametersSection {...part} />}
      {view && <OptionsSection {...part} />}
      <ProblemsSection {...part} />
      {!view && <p className="jp-MlopsEmpty">{trans.__('The steps can’t be told yet.')}</p>}
    </>
  );
}

function Progress({ pipeline }: { pipeline: IPipeline }): ReactElement | null {
  const head = pipeline.run?.head;
  if (head?.status !== 'running') {
    return null;
  }
  const share = head.steps ? head.done / head.steps : 0;
  return (
    <div
      className="jp-MlopsProgress"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={head.steps}
      aria-valuenow={head.done}
      aria-label={head.name}
    >
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** What stands in the way: the server isn't there, or it refused. */
function Wrong({ pipeline, runs, trans, now }: PartProps): ReactElement | null {
  const { error } = pipeline;
  const { connected, since } = runs.connection;
  const away = !connected && since !== null;
  if (error && !(away && error instanceof Unreachable)) {
    return <Failure error={error} trans={trans} onAgain={() => pipeline.again()} />;
  }
  if (!away) {
    return null;
  }
  return (
    <Notice warning>
      {trans.__(
        'Server not reached. Showing what was known at %1. Runs go on without it.',
        when(since / 1000, now)
      )}
    </Notice>
  );
}

function NoNotebook({ trans }: { trans: TranslationBundle }): ReactElement {
  return (
    <>
      <header className="jp-MlopsPanel-title">
        <span>{trans.__('Pipeline')}</span>
      </header>
      <p className="jp-MlopsEmpty jp-MlopsMuted">{trans.__('Open a notebook to see its steps.')}</p>
    </>
  );
}

function NoSteps({ pipeline, commands, trans }: PartProps): ReactElement {
  const sections = pipeline.options.split === 'sections';
  return (
    <div className="jp-MlopsEmpty">
      <p>{trans.__('No steps yet.')}</p>
      {commands.hasCommand('mlops:edit-step') && (
        <Button primary onClick={() => void commands.execute('mlops:edit-step')}>
          {trans.__('Tag the selected cell')}
        </Button>
      )}
      {commands.hasCommand('mlops:suggest-steps') && (
        <Button onClick={() => void commands.execute('mlops:suggest-steps')}>
          {trans.__('Suggest steps')}
        </Button>
      )}
      {!sections && (
        <Button onClick={() => pipeline.want({ split: 'sections' })}>
          {trans.__('Make each heading a step')}
        </Button>
      )}
    </div>
  );
}

function Loading({ trans }: { trans: TranslationBundle }): ReactElement {
  const [open, setOpen] = useState(true);
  return (
    <Section title={trans.__('Steps')} open={open} onToggle={setOpen}>
      <Skeleton />
    </Section>
  );
}

/** Says what matters to somebody who doesn't look: started, failed, ended. */
function Live({ pipeline, trans }: { pipeline: IPipeline; trans: TranslationBundle }): ReactElement {
  const head = pipeline.run?.head;
  const said =
    pipeline.shows !== 'run' || !head
      ? ''
      : head.status === 'running'
        ? trans.__('Run of %1 started', head.name)
        : head.status === 'failed'
          ? trans.__('%1 failed in %2', head.name, head.step ?? '')
          : trans.__('Run of %1 ended', head.name);
  return (
    <div className="jp-MlopsLive" role="status" aria-live="polite">
      {said}
    </div>
  );
}
