import type { ReactElement } from 'react';

import { shared, sideBySide } from '../models/sidebyside';

/** Two versions of some code beside each other, as text; what differs in a line is marked. */
export function CodeDiff({ diff, label }: { diff: string; label: string }): ReactElement {
  return (
    <div className="jp-MlopsDiff" tabIndex={0} role="region" aria-label={label}>
      <table>
        <tbody>
          {sideBySide(diff).map((row, at) => {
            if (row.kind === 'gap') {
              return (
                <tr key={at} className="jp-mod-gap">
                  <td colSpan={2}>⋯</td>
                </tr>
              );
            }
            const changed = row.kind === 'changed';
            return (
              <tr key={at}>
                <td className={changed && row.a !== null ? 'jp-mod-gone' : undefined}>
                  <Code own={row.a} other={changed ? row.b : null} />
                </td>
                <td className={changed && row.b !== null ? 'jp-mod-come' : undefined}>
                  <Code own={row.b} other={changed ? row.a : null} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Code({ own, other }: { own: string | null; other: string | null }): ReactElement {
  if (own === null || other === null) {
    return <code>{own}</code>;
  }
  const [begin, end] = shared(own, other);
  const last = own.length - end;
  return (
    <code>
      {own.slice(0, begin)}
      {last > begin && <mark>{own.slice(begin, last)}</mark>}
      {own.slice(last)}
    </code>
  );
}
