import type { TranslationBundle } from '@jupyterlab/translation';
import { type CSSProperties, type KeyboardEvent, type ReactElement, useMemo, useRef } from 'react';

import { type Edge, lanes } from './lanes';
import { APART, NAMES, RailPicture } from './railpicture';
import { RailItem, type RailRow, ROW } from './railrow';
import { rowOf, useRoving } from './roving';

export interface RailProps {
  rows: readonly RailRow[];
  /** Pairs of places in `rows`. */
  edges: readonly Edge[];
  selected: string | null;
  label: string;
  trans: TranslationBundle;
  onSelect: (key: string) => void;
  /** Go to the step's cell. */
  onOpen: (key: string) => void;
  onFold?: ((key: string, open: boolean) => void) | undefined;
}

/** Steps in notebook order, what they wait for as lanes on the left; one Tab stop. */
export function Rail(props: RailProps): ReactElement {
  const { rows, edges, selected, label, trans } = props;
  const found = useMemo(() => lanes(rows.length, edges), [rows.length, edges]);
  const colours = rows.map(row => row.colour).join('|');
  const dots = useMemo(() => colours.split('|'), [colours]);
  const chosen = rows.findIndex(row => row.key === selected);
  const list = useRef<HTMLOListElement>(null);
  const names = rows.map(row => row.name);
  const { stop, setStop, onKey } = useRoving(list, names, chosen, true);
  const tree = rows.some(row => row.fold);
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[stop];
    if (row && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (onRow(event, row, props, rowOf(list.current, stop)) || onKey(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    }
  };
  const width = { '--jp-mlops-names': `${NAMES + APART * found.width}px` } as CSSProperties;
  return (
    <ol
      className="jp-MlopsRail"
      ref={list}
      role={tree ? 'tree' : 'listbox'}
      aria-label={label}
      style={width}
      onKeyDown={onKeyDown}
    >
      <RailPicture lanes={found} row={ROW} colours={dots} lit={chosen} />
      {found.merged > 0 && (
        <li className="jp-MlopsRail-merged" role="presentation" aria-hidden="true">
          +{found.merged}
        </li>
      )}
      {rows.map((row, at) => (
        <RailItem
          key={row.key}
          row={row}
          chosen={at === chosen}
          stop={at === stop}
          tree={tree}
          trans={trans}
          onFocus={() => setStop(at)}
          onClick={() => choose(row, props)}
          onPoint={() => row.fold || props.onSelect(row.key)}
        />
      ))}
    </ol>
  );
}

function choose(row: RailRow, props: RailProps): void {
  if (row.fold) {
    props.onFold?.(row.key, row.fold === 'closed');
  } else {
    props.onSelect(row.key);
    props.onOpen(row.key);
  }
}

/** What a key does with the row that has the focus; whether it does something. */
function onRow(
  event: KeyboardEvent,
  row: RailRow,
  props: RailProps,
  element: HTMLElement | undefined
): boolean {
  switch (event.key) {
    case 'Enter':
      choose(row, props);
      return true;
    case ' ':
      props.onSelect(row.key);
      return true;
    case 'ArrowRight':
    case 'ArrowLeft':
      if (row.fold) {
        props.onFold?.(row.key, event.key === 'ArrowRight');
      }
      return true;
    case 'F10':
      return event.shiftKey && askMenu(element);
    default:
      return false;
  }
}

/** The menu of a row, as if it had been pointed at; JupyterLab leaves Shift to the browser. */
function askMenu(element: HTMLElement | undefined): boolean {
  const box = element?.getBoundingClientRect();
  const [clientX, clientY] = [(box?.left ?? 0) + 48, box?.bottom ?? 0];
  const init = { bubbles: true, cancelable: true, clientX, clientY };
  return element?.dispatchEvent(new MouseEvent('contextmenu', init)) !== undefined;
}
