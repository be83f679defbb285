import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { Explain, Open, Play, Resume, Stop } from '../components/glyphs';
import { Select } from '../components/select';
import type { PartProps } from './pipelineview';

const UNFINISHED = ['failed', 'cancelled', 'interrupted'];

/** Run, Explain and where to run; Cancel while a run goes on; Resume after one that failed. */
export function Toolbar(part: PartProps): ReactElement {
  const running = part.pipeline.run?.head.status === 'running';
  return (
    <div
      className={mayResume(part) ? 'jp-MlopsToolbar jp-mod-crowded' : 'jp-MlopsToolbar'}
      role="toolbar"
      aria-label={part.trans.__('Pipeline')}
    >
      {running ? <WhileRunning {...part} /> : <Ready {...part} />}
      <Executor {...part} />
    </div>
  );
}

/** Whether the last run stopped before its end: also once the cell that broke it was mended. */
function mayResume({ pipeline: { run } }: PartProps): boolean {
  return run !== null && UNFINISHED.includes(run.head.status);
}

function Ready(part: PartProps): ReactElement {
  const { pipeline, runs, trans, commands } = part;
  const { compiled, busy, run } = pipeline;
  const { connected, since } = runs.connection;
  const away = !connected && since !== null;
  const errors = compiled?.problems.some(problem => !problem.warning) ?? false;
  const [mistyped] = pipeline.form.mistyped;
  const stuck = away || busy !== null || !compiled?.pipeline?.steps.length;
  const resumes = mayResume(part);
  const left = run ? run.head.steps - run.head.done : 0;
  return (
    <>
      {resumes && (
        <Button
          primary
          icon={<Resume />}
          disabled={stuck || errors}
          title={trans.__('Resume runs %1, keeps %2', left, run?.head.done ?? 0)}
          onClick={() => void pipeline.resume()}
        >
          {trans.__('Resume')}
        </Button>
      )}
      <Button
        primary={!resumes}
        icon={<Play />}
        shrinks={resumes}
        disabled={stuck || errors || mistyped !== undefined}
        title={
          mistyped !== undefined
            ? trans.__('“%1” needs another value: see Parameters', mistyped)
            : errors
              ? trans.__('Problems stand in the way: see below')
              : trans.__('Run the notebook as a pipeline')
        }
        onClick={() => void pipeline.start()}
      >
        {busy === 'start' ? trans.__('Starting…') : trans.__('Run')}
      </Button>
      <Button
        icon={<Explain />}
        shrinks
        disabled={stuck || errors || mistyped !== undefined}
        title={trans.__('Say what would run, and why')}
        onClick={() => void commands.execute('mlops:explain-pipeline')}
      >
        {trans.__('Explain')}
      </Button>
    </>
  );
}

function WhileRunning({ pipeline, commands, trans }: PartProps): ReactElement {
  const head = pipeline.run?.head;
  return (
    <>
      <Button icon={<Stop />} onClick={() => void pipeline.cancel()}>
        {trans.__('Cancel')}
      </Button>
      {commands.hasCommand('mlops:open-run') && (
        <Button
          icon={<Open />}
          shrinks
          onClick={() => void commands.execute('mlops:open-run', { path: pipeline.path, run_id: head?.run_id ?? null })}
        >
          {trans.__('Open run')}
        </Button>
      )}
    </>
  );
}

function Executor({ pipeline, trans }: PartProps): ReactElement {
  const { run, options, compiled } = pipeline;
  const running = run?.head.status === 'running';
  const usual = compiled?.defaults.executor ?? 'local';
  const value = (running && run?.head.executor) || options.executor || usual;
  const names = [...new Set([...(compiled?.executors ?? ['local']), usual, value])];
  const label = (name: string): string =>
    name === 'local' ? trans.__('Local') : name === 'ray' ? 'Ray' : name;
  return (
    <Select
      bare
      label={trans.__('Where to run')}
      value={value}
      disabled={running}
      choices={names.map(name => ({ value: name, label: label(name) }))}
      onChange={name => pipeline.want({ executor: name === usual ? undefined : name })}
    />
  );
}
