import { type ReactElement, useState } from 'react';

import { Problems } from '../components/problems';
import { Section } from '../components/section';
import type { PartProps } from './pipelineview';

/** What is wrong with the notebook, each with its way out. */
export function ProblemsSection({ pipeline, trans }: PartProps): ReactElement {
  const [open, setOpen] = useState(true);
  const problems = pipeline.compiled?.problems ?? [];
  const aside = problems.length ? <span>{problems.length}</span> : <span>{trans.__('none')}</span>;
  return (
    <Section
      title={trans.__('Problems')}
      open={open && problems.length > 0}
      onToggle={setOpen}
      aside={aside}
    >
      <Problems
        problems={problems}
        trans={trans}
        onGo={cell => pipeline.reveal(cell)}
        onFix={problem => pipeline.fix(problem)}
      />
    </Section>
  );
}
