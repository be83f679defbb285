import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import { Failure } from '../components/failure';
import { Notice } from '../components/notice';
import { useNow } from '../components/now';
import { useSignals } from '../components/signal';
import type { RunPage } from '../models/runpage';
import { ended } from '../models/runwords';
import { when } from '../models/words';
import type { IRuns, RunView } from '../tokens';
import { RunAside } from './runaside';
import { RunHeader } from './runheader';
import { RunOutput } from './runoutput';
import { RunGraph, RunTimeline } from './runsteps';
import { RunToolbar } from './runtoolbar';

export interface RunPageProps {
  model: RunPage;
  runs: IRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export interface RunPartProps extends RunPageProps {
  view: RunView;
  /** The time in milliseconds; it ticks while the run goes on. */
  now: number;
  /** The server can't be heard. */
  away: boolean;
}

/** Where did the time go, what broke, and what came of it. */
export function RunPageView(props: RunPageProps): ReactElement {
  const { model, runs, trans } = props;
  useSignals(model.changed, runs.connectionChanged);
  const { view, error } = model;
  const running = view?.head.status === 'running';
  const now = useNow(running);
  const { connected, since } = runs.connection;
  if (model.gone) {
    return (
      <div className="jp-MlopsEmpty">
        <p>{trans.__('This run was deleted.')}</p>
      </div>
    );
  }
  if (!view) {
    return error ? (
      <Failure error={error} trans={trans} onAgain={() => model.again()} />
    ) : (
      <div className="jp-MlopsSkeleton" aria-hidden="true">
        {[32, 58, 74, 51, 66, 40].map(width => (
          <div key={width} style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  }
  const away = !connected && since !== null;
  const part: RunPartProps = { ...props, view, now, away };
  return (
    <>
      <RunToolbar {...part} />
      <div className="jp-MlopsPage-body">
        {away && (
          <Notice warning>
            {trans.__(
              'Server not reached. Showing what was known at %1. The run goes on without it.',
              when(since / 1000, now)
            )}
          </Notice>
        )}
        {error && !away && <Failure error={error} trans={trans} onAgain={() => model.again()} />}
        <RunHeader {...part} />
        <div className="jp-MlopsPage-columns">
          <div className="jp-MlopsPage-main">
            <RunTimeline {...part} />
            <RunGraph {...part} />
            <RunOutput {...part} />
          </div>
          <RunAside {...part} />
        </div>
      </div>
      <div className="jp-MlopsLive" role="status" aria-live="polite">
        {running
          ? trans.__('Run of %1 started', view.head.name)
          : `${view.head.name} ${ended(view.head, now, trans)}`}
      </div>
    </>
  );
}
