import { type ReactElement, useId, useState } from 'react';

import { Section } from '../components/section';
import { Select } from '../components/select';
import type { PartProps } from './pipelineview';

/** How a run goes about it: how many kernels at once, and whether results count that there are. */
export function OptionsSection({ pipeline, trans }: PartProps): ReactElement {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { options, compiled, run } = pipeline;
  const running = run?.head.status === 'running';
  const workers = options.workers ?? compiled?.defaults.workers ?? null;
  const cache = options.cache ?? true;
  const told = [
    workers === null ? '' : trans._n('%1 worker', '%1 workers', workers),
    cache ? '' : trans.__('without cache')
  ];
  const counts = [...new Set([1, 2, 3, 4, 6, 8, 12, 16, workers ?? 1])].sort((a, b) => a - b);
  return (
    <Section
      title={trans.__('Options')}
      open={open}
      onToggle={setOpen}
      aside={!open && <span>{told.filter(Boolean).join(' · ')}</span>}
    >
      <div className="jp-MlopsForm">
        <span>{trans.__('Workers')}</span>
        <Select
          label={trans.__('Kernels at once')}
          value={workers === null ? '' : `${workers}`}
          disabled={running}
          choices={[
            { value: '', label: trans.__('as many as help') },
            ...counts.map(count => ({
              value: `${count}`,
              label: count === 1 ? trans.__('1, the notebook’s own') : `${count}`
            }))
          ]}
          onChange={value => pipeline.want({ workers: value ? Number(value) : undefined })}
        />
        <label htmlFor={id}>{trans.__('Cache')}</label>
        <span className="jp-MlopsForm-check">
          <input
            id={id}
            type="checkbox"
            checked={cache}
            disabled={running}
            onChange={event => pipeline.want({ cache: event.target.checked ? undefined : false })}
          />
          <span className="jp-MlopsMuted">{trans.__('use results that there are')}</span>
        </span>
      </div>
    </Section>
  );
}
