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
  const { form } = pipeline;
  const parameters = pipeline.compiled?.pipeline?.parameters ?? [];
  const params = pipeline.run?.head.params ?? {};
  const text = (name: string): string | null => {
    return running ? (Object.hasOwn(params, name) ? edited(params[name]) : null) : form.text(name);
  };
  const changed = parameters.flatMap(({ name }) => {
    const now = text(name);
    return now === null ? [] : [`${name} ${now}`];
  });
  const said = open
    ? trans.__('%1 changed', changed.length)
    : changed.join(', ');
  const aside = changed.length > 0 && (
    <>
      <span title={said}>{said}</span>
      {!running && (
        <button
          type="button"
          className="jp-MlopsIconButton"
          aria-label={trans.__('Back to the defaults')}
          title={trans.__('Back to the defaults')}
          onClick={() => form.reset()}
        >
          <Undo />
        </button>
      )}
    </>
  );
  return (
    <Section title={trans.__('Parameters')} open={open} onToggle={setOpen} aside={aside}>
      <Parameters
        parameters={parameters}
        text={text}
        disabled={running}
        trans={trans}
        onType={(name, now) => form.type(name, now)}
      />
    </Section>
  );
}
