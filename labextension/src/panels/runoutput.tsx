import { type ReactElement, useEffect, useState } from 'react';

import { Output } from '../components/output';
import { useSignals } from '../components/signal';
import { plain } from '../models/ansi';
import type { ILogTail, StepRecord } from '../tokens';
import type { RunPartProps } from './runview';

/** What the chosen step printed, as it comes. */
export function RunOutput(props: RunPartProps): ReactElement {
  const { view, model, trans } = props;
  const step = view.steps.find(one => one.name === model.selected);
  return (
    <section className="jp-MlopsPage-section jp-MlopsPage-output" aria-label={trans.__('Output')}>
      <h2>
        {trans.__('Output')}
        {step && (
          <small>
            <i className="jp-MlopsDot" style={{ background: model.colourOf(step.name) }} />
            {[step.name, ...about(step, props)].filter(Boolean).join(' · ')}
          </small>
        )}
      </h2>
      {step && <OfStep key={step.name} {...props} step={step} />}
    </section>
  );
}

function about(step: StepRecord, { view, trans }: RunPartProps): string[] {
  const cells = view.cells[step.name] ?? [];
  const [first, last] = [cells[0], cells.at(-1)];
  const where =
    first === undefined
      ? ''
      : first === last
        ? trans.__('cell %1', first)
        : trans.__('cells %1 to %2', first, last);
  const row = view.timeline.rows.find(
    one => step.worker !== null && one.workers.includes(step.worker)
  );
  const needs = Object.entries(step.resources).flatMap(([name, much]) =>
    much ? [`${String(much)} ${name}`] : []
  );
  return [where, row?.label ?? step.worker ?? '', needs.join(', ')];
}

function OfStep(props: RunPartProps & { step: StepRecord }): ReactElement | null {
  const { view, model, runs, step } = props;
  const [tail, setTail] = useState<ILogTail | null>(null);
  const { id } = model;
  const { path } = model;
  const prints = step.status !== 'waiting' && step.status !== 'skipped' && !step.cached;
  useEffect(() => {
    if (!prints) {
      return undefined;
    }
    const now = runs.tail(path, id, step.name);
    setTail(now);
    return () => now.dispose();
  }, [runs, path, id, step.name, prints]);
  if (!prints) {
    return <Nothing {...props} view={view} />;
  }
  return tail && <Tail {...props} tail={tail} />;
}

function Tail(props: RunPartProps & { step: StepRecord; tail: ILogTail }): ReactElement | null {
  const { tail, step, trans } = props;
  useSignals(tail.changed);
  const text = withTrace(tail.text, step.traceback ?? '');
  return text ? (
    <Output text={text} label={trans.__('Output of %1', step.name)} trans={trans} />
  ) : tail.known ? (
    <Nothing {...props} />
  ) : null;
}

/** What was printed, and in its colours what was raised: the log may end with it, but plain. */
function withTrace(log: string, trace: string): string {
  const last = log.lastIndexOf(plain(trace).trim());
  const printed = trace && last >= 0 ? log.slice(0, last) : log;
  return printed + (printed && trace && !printed.endsWith('\n') ? '\n' : '') + trace;
}

function Nothing({ step, trans }: RunPartProps & { step: StepRecord }): ReactElement {
  const said =
    step.status === 'running'
      ? trans.__('Nothing printed yet.')
      : step.cached
        ? trans.__(
            'Its result was taken from the cache; what it printed then stands in the output notebook.'
          )
        : step.status === 'waiting'
          ? trans.__('It has not begun.')
          : step.status === 'skipped'
            ? trans.__('The run did not reach it.')
            : trans.__('It printed nothing.');
  return <p className="jp-MlopsMuted">{said}</p>;
}
