import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { type ReactElement, useState } from 'react';

import { Button } from '../components/button';
import { Failure } from '../components/failure';
import { Compare, Copy } from '../components/runglyphs';
import { useSignals } from '../components/signal';
import { StateIcon } from '../components/state';
import type { ComparePage, Pair } from '../models/comparepage';
import { differences, verdict } from '../models/comparison';
import { asMarkdown } from '../models/comparisontext';
import { ended, runState, shortId } from '../models/runwords';
import { when } from '../models/words';
import type { RunHead } from '../tokens';
import { CompareTables } from './comparetables';

export interface CompareProps {
  model: ComparePage;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export interface ComparePartProps extends CompareProps {
  pair: Pair;
  /** Leave out what is the same. */
  only: boolean;
}

/** Which of the two, and what differs? */
export function CompareView(props: CompareProps): ReactElement {
  const { model, trans } = props;
  useSignals(model.changed);
  const [only, setOnly] = useState(true);
  const { pair, error } = model;
  return (
    <>
      <div className="jp-MlopsToolbar jp-mod-page" role="toolbar" aria-label={trans.__('Compare')}>
        <label className="jp-MlopsCheck">
          <input type="checkbox" checked={only} onChange={event => setOnly(event.target.checked)} />
          {trans.__('Only differences')}
        </label>
        <span className="jp-MlopsToolbar-end">
          <Button quiet icon={<Compare />} disabled={!pair} onClick={() => model.swap()}>
            {trans.__('Swap')}
          </Button>
          <Button
            quiet
            icon={<Copy />}
            disabled={!pair}
            onClick={() => pair && Clipboard.copyToSystem(asMarkdown(pair, trans))}
          >
            {trans.__('Copy as Markdown')}
          </Button>
        </span>
      </div>
      <div className="jp-MlopsPage-body">
        {error && <Failure error={error} trans={trans} onAgain={() => void model.load()} />}
        {!pair && !error && (
          <div className="jp-MlopsSkeleton" aria-hidden="true">
            {[62, 48, 70, 41].map(width => (
              <div key={width} style={{ width: `${width}%` }} />
            ))}
          </div>
        )}
        {pair && <Head {...props} pair={pair} />}
        {pair && <CompareTables {...props} pair={pair} only={only} />}
      </div>
    </>
  );
}

function Head({ model, commands, trans, pair }: CompareProps & { pair: Pair }): ReactElement {
  const now = Date.now();
  const side = (mark: string, head: RunHead): ReactElement => (
    <div>
      <span>
        <i className="jp-MlopsMark">{mark}</i>
        <Button
          bare
          title={trans.__('Open run %1', head.run_id)}
          onClick={() =>
            void commands.execute('mlops:open-run', { path: model.path, run_id: head.run_id })
          }
        >
          {shortId(head.run_id)}
        </Button>
        <StateIcon state={{ kind: runState(head) }} />
      </span>
      <small>
        {when(head.started, now)} · {ended(head, now, trans)}
      </small>
    </div>
  );
  return (
    <div className="jp-MlopsPage-head jp-MlopsCompare-head jp-MlopsCompare-grid">
      <h1 title={pair.b.notebook}>{pair.b.name}</h1>
      {side('A', pair.a)}
      {side('B', pair.b)}
      <div>
        <b>{verdict(pair.a, pair.b, trans)}</b>
        <small>{differences(pair.diff, trans)}</small>
      </div>
    </div>
  );
}
