import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef,
  useState
} from 'react';

import { scrolledTo, visibleRows } from '../models/window';

export interface VirtualListProps {
  label: string;
  total: number;
  /** The height of a row. */
  row: number;
  render: (at: number, row: RowProps) => ReactNode;
  /** These rows, the last not among them, are in view. */
  onShow: (first: number, last: number) => void;
  /** A key was pressed on a row; whether that was of use. */
  onKey: (event: KeyboardEvent, at: number) => boolean;
  /** The row whose name begins with these letters, looked for from a row on; -1 where none does. */
  find: (letters: string, from: number) => number;
}

/** What each row's element needs. */
export interface RowProps {
  id: string;
  active: boolean;
  style: { top: number; height: number };
  setSize: number;
  position: number;
  activate: () => void;
}

const WORD = 800;

/** A list of any length of which only what is in view is drawn; one Tab stop. */
export function VirtualList(props: VirtualListProps): ReactElement {
  const { label, total, row, render, onShow, onKey, find } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const [at, setAt] = useState(0);
  const typed = useRef({ text: '', when: 0 });
  const id = useId();
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return undefined;
    }
    const look = (): void => setView({ top: node.scrollTop, height: node.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  const [first, last] = visibleRows(view.top, view.height, row, total);
  useLayoutEffect(() => onShow(first, last), [onShow, first, last]);
  const active = Math.min(at, Math.max(0, total - 1));
  const go = (to: number): true => {
    const next = Math.min(Math.max(to, 0), total - 1);
    const node = box.current;
    setAt(next);
    if (node) {
      node.scrollTop = scrolledTo(next, node.scrollTop, node.clientHeight, row);
    }
    return true;
  };
  const type = (letter: string): true => {
    const now = Date.now();
    const text = (now - typed.current.when > WORD ? '' : typed.current.text) + letter.toLowerCase();
    typed.current = { text, when: now };
    const found = find(text, active + (text.length === 1 ? 1 : 0));
    return found < 0 ? true : go(found);
  };
  const page = Math.max(1, Math.floor(view.height / row) - 1);
  const moves: Record<string, () => true> = {
    ArrowDown: () => go(active + 1),
    ArrowUp: () => go(active - 1),
    PageDown: () => go(active + page),
    PageUp: () => go(active - page),
    Home: () => go(0),
    End: () => go(total - 1)
  };
  const press = (event: KeyboardEvent): boolean => {
    if (onKey(event, active)) {
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    }
    const move = moves[event.key];
    return move ? move() : event.key.length === 1 && event.key !== ' ' && type(event.key);
  };
  const rows = Array.from({ length: last - first }, (_, nth) => first + nth);
  return (
    <div
      className="jp-MlopsVirtual"
      ref={box}
      role="listbox"
      aria-multiselectable="true"
      aria-label={label}
      aria-activedescendant={total ? `${id}-${active}` : undefined}
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) =>
        setView({ top: scrollTop, height: clientHeight })
      }
      onKeyDown={event => {
        if (press(event)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    >
      <div role="presentation" style={{ height: total * row }}>
        {rows.map(nth =>
          render(nth, {
            id: `${id}-${nth}`,
            active: nth === active,
            style: { top: nth * row, height: row },
            setSize: total,
            position: nth + 1,
            activate: () => setAt(nth)
          })
        )}
      </div>
    </div>
  );
}
