import { type ReactElement, useMemo, useRef, useState } from 'react';

import { lanes } from '../components/lanes';
import { APART, NAMES, RailPicture } from '../components/railpicture';
import { useRoving } from '../components/roving';
import { foldOf, planEdges, type PlanRow, planRows } from '../models/planrows';
import { ExplainRow } from './explainrow';
import type { ExplainPartProps } from './explainview';

/** The height of a row, as in the style sheet. */
const ROW = 32;
/** The dot of a line that stands for several steps. */
const FOLDED = 'var(--jp-layout-color4)';

/** Each step with its first cause, on the rail, many cached ones in a line; one Tab stop. */
export function ExplainTable({ model, plan, commands, trans }: ExplainPartProps): ReactElement {
  const { steps } = plan;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<string | null>(null);
  // What is chosen comes to light once; after that its line can be closed.
  if (model.chosen !== shown) {
    const line = foldOf(steps, model.chosen);
    setShown(model.chosen);
    setOpened(line === null ? opened : new Set([...opened, line]));
  }
  const rows = useMemo(() => planRows(steps, opened), [steps, opened]);
  const edges = model.view?.edges;
  const found = useMemo(() => lanes(rows.length, planEdges(rows, edges ?? [])), [rows, edges]);
  const list = useRef<HTMLOListElement>(null);
  const tree = rows.some(row => row.fold);
  const chosen = rows.findIndex(row => !row.fold && row.key === model.selected);
  const { stop, setStop, go, onKey } = useRoving(list, rows.map(said), chosen);
  const fold = (row: PlanRow, open: boolean): void => {
    const now = new Set(opened);
    now[open ? 'add' : 'delete'](row.key);
    setOpened(now);
  };
  const choose = (row: PlanRow): void => {
    if (row.fold) {
      fold(row, row.fold === 'closed');
    } else {
      model.select(row.key);
    }
  };
  const open = (name: string): void => {
    const cell = model.view?.steps.find(step => step.name === name)?.cells[0];
    if (cell !== undefined) {
      void commands.execute('mlops:go-to-cell', { path: model.path, cell });
    }
  };
  const places = steps.some(step => step.where);
  const width = { '--jp-mlops-names': `${NAMES + APART * found.width}px` } as React.CSSProperties;
  return (
    <div className={places ? 'jp-MlopsExplain' : 'jp-MlopsExplain jp-mod-nowhere'} style={width}>
      <div className="jp-MlopsExplain-row jp-mod-head" aria-hidden="true">
        <span>{trans.__('Step')}</span>
        <span>{trans.__('Plan')}</span>
        <span>{trans.__('Why')}</span>
        <span>{trans.__('Where')}</span>
        <span>{trans.__('Expected')}</span>
      </div>
      <ol
        ref={list}
        role={tree ? 'tree' : 'listbox'}
        aria-label={trans.__('Plan')}
        onKeyDown={event => {
          const row = rows[stop];
          if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
          }
          if (row && (event.key === ' ' || (event.key === 'Enter' && row.fold))) {
            choose(row);
          } else if (row && event.key === 'Enter') {
            open(row.key);
          } else if (row?.fold && ['ArrowRight', 'ArrowLeft'].includes(event.key)) {
            fold(row, event.key === 'ArrowRight');
          } else if (row?.inside && event.key === 'ArrowLeft') {
            go(rows.findLastIndex((above, at) => above.fold && at < stop));
          } else if (!onKey(event)) {
            return;
          }
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <RailPicture
          lanes={found}
          row={ROW}
          colours={rows.map(row => (row.fold ? FOLDED : model.colourOf(row.key)))}
          lit={chosen}
        />
        {rows.map((row, at) => (
          <ExplainRow
            key={row.key}
            row={row}
            chosen={at === chosen}
            stop={at === stop}
            tree={tree}
            trans={trans}
            onFocus={() => setStop(at)}
            onClick={() => choose(row)}
            onOpen={() => open(row.key)}
          />
        ))}
      </ol>
    </div>
  );
}

/** What a line is found by when its first letters are typed. */
function said({ key, steps, fold }: PlanRow): string {
  return fold ? `${steps.length}` : key;
}
