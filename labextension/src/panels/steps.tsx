import { type ReactElement, useState } from 'react';

import { Section } from '../components/section';
import { Select } from '../components/select';
import { type ShownStep, Steps } from '../components/steps';
import { headings } from '../models/headings';
import type { IPipeline, Split } from '../tokens';
import type { PartProps } from './pipelineview';

/** The rail, and what makes a cell a step. */
export function StepsSection(part: PartProps): ReactElement {
  const { pipeline, trans } = part;
  const [open, setOpen] = useState(true);
  const run = pipeline.run;
  const running = run?.head.status === 'running';
  const aside = running ? (
    <span title={run.head.run_id}>{trans.__('run %1', run.head.run_id.split('-').at(-1))}</span>
  ) : (
    <SplitSelect {...part} />
  );
  return (
    <Section title={trans.__('Steps')} open={open} onToggle={setOpen} aside={aside}>
      <Steps
        steps={shownSteps(pipeline)}
        edges={pipeline.compiled?.pipeline?.edges ?? []}
        selected={pipeline.selected}
        trans={trans}
        onSelect={step => pipeline.select(step)}
        onOpen={step => pipeline.reveal(step)}
      />
    </Section>
  );
}

function shownSteps(pipeline: IPipeline): ShownStep[] {
  const model = pipeline.panel?.context.model;
  const titles = model ? headings(model) : [];
  const why = new Map(
    pipeline.shows === 'plan'
      ? pipeline.explained?.steps.map(step => [step.name, step.why.map(one => one.text).join('; ')])
      : []
  );
  return (pipeline.compiled?.pipeline?.steps ?? []).map(({ name, cells }) => {
    const state = pipeline.stateOf(name);
    return {
      name,
      colour: pipeline.colourOf(name),
      state,
      problems: pipeline.problemsOf(name),
      why: why.get(name) ?? '',
      dim: pipeline.shows === 'run' && (state.kind === 'waiting' || state.kind === 'skipped'),
      heading: titles[(cells[0] ?? 1) - 1] ?? null
    };
  });
}

function SplitSelect({ pipeline, trans }: PartProps): ReactElement {
  const { options, compiled } = pipeline;
  const value: Split = options.split ?? compiled?.split ?? 'tags';
  return (
    <Select<Split>
      bare
      label={trans.__('What becomes a step')}
      value={value}
      choices={[
        { value: 'tags', label: trans.__('by tags') },
        { value: 'sections', label: trans.__('by headings') },
        { value: 'cells', label: trans.__('by cells') }
      ]}
      onChange={split => pipeline.want({ split })}
    />
  );
}

/** Grey bars in the rhythm of rows; they appear only where it takes a while. */
export function Skeleton(): ReactElement {
  return (
    <div className="jp-MlopsSkeleton" aria-hidden="true">
      {[62, 48, 70, 41, 56].map(width => (
        <div key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
