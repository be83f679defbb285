import { type ReactElement, useState } from 'react';

import { Undo } from '../components/glyphs';
import { Parameters } from '../components/parameters';
import { Section } from '../components/section';
import { edited } from '../models/parameters';
import type { PartProps } from './pipelineview';

/** What can be set; folded it says what was. */
export function ParametersSection({ pipeline, trans }: PartProps): ReactElement {
  const [asked, setOpen] = useState<boolean | null>(null);
  const running = pipeline.run?.head.status === 'running';
  // While a run goes on they can't be set: its output has their place.
  const open = asked ?? !running;
  const values = (running ? pipeline.run?.head.params : pipeline.options.params) ?? {};
  const changed = Object.entries(values);
  const said = open
    ? trans.__('%1 changed', changed.length)
    : changed.map(([name, value]) => `${name} ${edited(value)}`).join(', ');
  const aside = changed.length > 0 && (
    <>
      <span title={said}>{said}</span>
      {!running && (
        <button
          type="button"
          className="jp-MlopsIconButton"
          aria-label={trans.__('Back to the defaults')}
          title={trans.__('Back to the defaults')}
          onClick={() => pipeline.want({ params: undefined })}
        >
          <Undo />
        </button>
      )}
    </>
  );
  return (
    <Section title={trans.__('Parameters')} open={open} onToggle={setOpen} aside={aside}>
      <Parameters
        parameters={pipeline.compiled?.pipeline?.parameters ?? []}
        values={values}
        disabled={running}
        trans={trans}
        onChange={(name, value) => pipeline.setParameter(name, value)}
      />
    </Section>
  );
}
