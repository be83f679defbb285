import { type ReactElement, type ReactNode, useEffect, useState } from 'react';

import { Facts, Log, Names } from '../components/detail';
import { Section } from '../components/section';
import { useSignals } from '../components/signal';
import { took } from '../models/words';
import type { ILogTail, StepRecord } from '../tokens';
import type { PartProps } from './pipelineview';

/** The chosen step: what it reads and writes, why it would run, or what it prints. */
export function StepSection(part: PartProps): ReactElement | null {
  const { pipeline, trans } = part;
  const [open, setOpen] = useState(true);
  const step = pipeline.compiled?.pipeline?.steps.find(one => one.name === pipeline.selected);
  if (!step) {
    return null;
  }
  const record = pipeline.run?.steps.find(one => one.name === step.name);
  const prints = pipeline.shows === 'run' && record && record.status !== 'waiting' && !record.cached;
  const aside = prints && record.status === 'running' ? trans.__('follows output') : null;
  return (
    <Section title={step.name} asis open={open} onToggle={setOpen} aside={aside}>
      <Facts facts={facts(part, record)} />
      {prints && pipeline.run && (
        <Output key={`${pipeline.run.head.run_id}/${step.name}`} {...part} step={step.name} />
      )}
    </Section>
  );
}

function facts({ pipeline, trans }: PartProps, record: StepRecord | undefined): [string, ReactNode][] {
  const name = pipeline.selected;
  const step = pipeline.compiled?.pipeline?.steps.find(one => one.name === name);
  const fate = pipeline.shows === 'plan' ? pipeline.explained?.steps.find(one => one.name === name) : null;
  const found: [string, ReactNode][] = [];
  // What imports and functions define every step has: that says nothing about this one.
  const set = new Set(pipeline.compiled?.pipeline?.parameters.map(parameter => parameter.name));
  const reads = step?.reads.filter(read => read.source !== null || set.has(read.name)) ?? [];
  if (reads.length) {
    found.push([trans.__('reads'), <Names names={reads.map(read => read.name)} trans={trans} />]);
  }
  if (step?.writes.length) {
    found.push([trans.__('writes'), <Names names={step.writes} trans={trans} />]);
  }
  if (pipeline.shows === 'run' && record?.worker) {
    found.push([trans.__('on'), [record.worker, needs(record)].filter(Boolean).join(' · ')]);
  }
  if (pipeline.shows === 'run' && record?.error) {
    found.push([trans.__('error'), <span className="jp-mod-wraps">{record.error}</span>]);
  }
  if (fate?.why.length) {
    const reasons = fate.why.map((reason, at) => <div key={at}>{reason.text}</div>);
    found.push([trans.__('why'), <span className="jp-mod-wraps">{reasons}</span>]);
  }
  if (fate?.where) {
    found.push([trans.__('where'), <span className="jp-mod-wraps">{fate.where}</span>]);
  }
  if (fate && fate.seconds !== null) {
    found.push([trans.__('took'), took(fate.seconds, trans)]);
  }
  return found;
}

/** "1 GPU · 2 CPU", of what the step was given. */
function needs({ resources }: StepRecord): string {
  const words = [
    ['gpus', 'GPU'],
    ['cpus', 'CPU']
  ] as const;
  return words
    .flatMap(([key, unit]) => (resources[key] ? [`${String(resources[key])} ${unit}`] : []))
    .join(' · ');
}

function Output(props: PartProps & { step: string }): ReactElement | null {
  const { pipeline, runs, trans, step } = props;
  const id = pipeline.run?.head.run_id;
  const { path } = pipeline;
  const [tail, setTail] = useState<ILogTail | null>(null);
  useEffect(() => {
    if (path === null || id === undefined) {
      return undefined;
    }
    const now = runs.tail(path, id, step);
    setTail(now);
    return () => now.dispose();
  }, [runs, path, id, step]);
  return tail && <Tail tail={tail} label={trans.__('Output of %1', step)} />;
}

function Tail({ tail, label }: { tail: ILogTail; label: string }): ReactElement | null {
  useSignals(tail.changed);
  return tail.text ? <Log text={tail.text} label={label} /> : null;
}
