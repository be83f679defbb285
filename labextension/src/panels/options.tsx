import { type ReactElement, useId, useState } from 'react';

import { Section } from '../components/section';
import { Select } from '../components/select';
import type { PartProps } from './pipelineview';

/** Seconds that a failed step's kernel stays where she asks for it. */
const KEPT = 1800;

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
  const usual = compiled?.defaults.keep_failed ?? 0;
  const keeps = options.keep_failed ? options.keep_failed !== 'off' : usual > 0;
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
        <label htmlFor={`${id}-keep`}>{trans.__('Failed step')}</label>
        <span className="jp-MlopsForm-check">
          <input
            id={`${id}-keep`}
            type="checkbox"
            checked={keeps}
            disabled={running}
            onChange={event => pipeline.want({ keep_failed: keep(event.target.checked, usual > 0) })}
          />
          <span className="jp-MlopsMuted" title={trans.__('Its kernel stays, so that its variables can be looked at')}>
            {trans.__('stays for %1 min', Math.round((usual || KEPT) / 60))}
          </span>
        </span>
      </div>
    </Section>
  );
}

/** What is said of it besides the project's settings, by which it is kept or not. */
function keep(wanted: boolean, usual: boolean): string | undefined {
  return wanted === usual ? undefined : wanted ? '30m' : 'off';
}
