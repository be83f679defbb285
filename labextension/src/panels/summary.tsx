import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { atOnce, howLong, lastRun, left, outcome, soFar, toRun } from '../models/sentence';
import { clock, when } from '../models/words';
import type { PartProps } from './pipelineview';

/** The sentence: what would run, how far it is, or how it ended. */
export function Summary(part: PartProps): ReactElement {
  const { pipeline } = part;
  if (pipeline.run?.head.status === 'running') {
    return <Going {...part} />;
  }
  return pipeline.shows === 'run' ? <Over {...part} /> : <Ahead {...part} />;
}

function Going({ pipeline, trans, now }: PartProps): ReactElement | null {
  const { run, usual } = pipeline;
  return (
    run && (
      <div className="jp-MlopsSummary">
        <div>
          <span>{soFar(run, trans)}</span>
          <span className="jp-MlopsNumber">{clock(now / 1000 - run.head.started)}</span>
        </div>
        <div className="jp-MlopsMuted">
          <span>{atOnce(run, trans)}</span>
          <span className="jp-MlopsNumber">{left(run, usual, now, trans)}</span>
        </div>
      </div>
    )
  );
}

function Over(part: PartProps): ReactElement | null {
  const { pipeline, trans, now } = part;
  const { run } = pipeline;
  return (
    run && (
      <div className="jp-MlopsSummary">
        <div title={run.head.error ?? undefined}>
          <span>{outcome(run, trans)}</span>
        </div>
        <div className="jp-MlopsMuted">
          <span>
            {run.head.cached > 0 && `${trans.__('%1 cached', run.head.cached)} · `}
            <LastRun {...part} words={trans.__('run of %1', when(run.head.started, now))} />
          </span>
        </div>
      </div>
    )
  );
}

function Ahead(part: PartProps): ReactElement {
  const { pipeline, trans, now } = part;
  const { explained, compiled } = pipeline;
  const count = compiled?.pipeline?.steps.length ?? 0;
  const errors = compiled?.problems.filter(problem => !problem.warning).length ?? 0;
  const second = errors
    ? trans._n('%1 problem to mend first', '%1 problems to mend first', errors)
    : explained
      ? howLong(explained, trans)
      : pipeline.unsaved
        ? trans.__('Save to see what would run')
        : '';
  return (
    <div className="jp-MlopsSummary">
      <div>
        <span>{explained ? toRun(explained, trans) : trans._n('%1 step', '%1 steps', count)}</span>
      </div>
      <div className="jp-MlopsMuted">
        <span>
          {second}
          {second && pipeline.run && ' · '}
          {pipeline.run && <LastRun {...part} words={lastRun(pipeline.run, now, trans)} />}
        </span>
      </div>
    </div>
  );
}

function LastRun(props: PartProps & { words: string }): ReactElement | null {
  const { pipeline, commands, trans, words } = props;
  const { run, path } = pipeline;
  if (!run) {
    return null;
  }
  return commands.hasCommand('mlops:open-run') ? (
    <Button
      bare
      title={`${trans.__('Open the run')} ${run.head.run_id}`}
      onClick={() => void commands.execute('mlops:open-run', { path, run_id: run.head.run_id })}
    >
      {words}
    </Button>
  ) : (
    <span>{words}</span>
  );
}
