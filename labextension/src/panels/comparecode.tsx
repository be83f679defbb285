import type { ReactElement, ReactNode } from 'react';

import { CodeDiff } from '../components/codediff';
import { Name } from '../components/name';
import { colour } from '../models/palette';
import { shortId } from '../models/runwords';
import type { CodeChange, RunDiff } from '../tokens';
import type { ComparePartProps } from './compareview';

export interface CompareCodeProps extends ComparePartProps {
  /** The step whose code is shown. */
  selected: RunDiff['steps'][number] | null;
}

/** The code of the chosen step, then of what belongs to none: where it differs, side by side. */
export function CompareCode({ selected, ...props }: CompareCodeProps): ReactElement {
  const { steps, outside, unread } = props.pair.diff;
  const { trans } = props;
  const same = unread.length
    ? trans.__('The output of %1 is gone, so the code can’t be compared.', unread.join(', '))
    : trans.__('Its code is the same in both.');
  return (
    <>
      {selected && (
        <Code {...props} name={selected.name} code={selected.code} same={same}>
          <i className="jp-MlopsDot" style={{ background: colour(steps.indexOf(selected)) }} />
          <Name name={selected.name} />
        </Code>
      )}
      {outside && (
        <Code {...props} name={trans.__('Code outside the steps')} code={outside} same={same}>
          {trans.__('Outside the steps')}
          <small>{trans.__('parameters, imports, functions')}</small>
        </Code>
      )}
    </>
  );
}

interface CodeProps extends ComparePartProps {
  name: string;
  code: CodeChange | null;
  /** What is said where nothing differs. */
  same: string;
  /** The heading. */
  children: ReactNode;
}

function Code({ name, code, same, children, pair, only, trans }: CodeProps): ReactElement {
  return (
    <section className="jp-MlopsCompare jp-MlopsCompare-code" aria-label={name}>
      <h2>{children}</h2>
      {code ? (
        <>
          <div className="jp-MlopsCompare-sides" aria-hidden="true">
            {[pair.a, pair.b].map((head, side) => (
              <span key={side}>
                <i className="jp-MlopsMark">{side ? 'B' : 'A'}</i>
                {shortId(head.run_id)}
              </span>
            ))}
          </div>
          <CodeDiff cells={code.cells} name={name} whole={!only} trans={trans} />
        </>
      ) : (
        <p className="jp-MlopsMuted">{same}</p>
      )}
    </section>
  );
}
