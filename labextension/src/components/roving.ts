import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** Milliseconds between letters that make one word. */
const WORD = 800;

export interface Roving {
  /** The row where Tab arrives. */
  stop: number;
  setStop: (row: number) => void;
  /** Moves the focus to a row. */
  go: (row: number) => void;
  /** Moves along the rows; whether the key was one of ours. */
  onKey: (event: KeyboardEvent) => boolean;
}

/**
 * A list with one Tab stop: arrows, Home, End and the first letters of a name move along it.
 *
 * What is chosen elsewhere comes into view; `atFirst` also what was chosen before the list appeared.
 */
export function useRoving(
  list: RefObject<HTMLElement>,
  names: readonly string[],
  chosen: number,
  atFirst = false
): Roving {
  const [at, setStop] = useState(Math.max(chosen, 0));
  const typed = useRef({ text: '', when: 0 });
  const last = names.length - 1;
  const stop = Math.min(Math.max(at, 0), last);

  // Another one, not the same at another place because rows above it were unfolded.
  const name = names[chosen];
  const shown = useRef(atFirst ? '' : undefined);
  useEffect(() => {
    // What is folded out again under her hands leaves her where she is.
    const returns = name === shown.current && list.current?.contains(document.activeElement);
    if (name !== undefined && !returns) {
      setStop(chosen);
      if (shown.current !== undefined) {
        rowOf(list.current, chosen)?.scrollIntoView?.({ block: 'nearest' });
      }
    }
    shown.current = name ?? shown.current;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [list, name]);

  const go = (to: number): true => {
    const row = Math.min(Math.max(to, 0), last);
    setStop(row);
    rowOf(list.current, row)?.focus();
    return true;
  };
  const typeAhead = (letter: string): true => {
    const now = Date.now();
    const text = (now - typed.current.when > WORD ? '' : typed.current.text) + letter.toLowerCase();
    typed.current = { text, when: now };
    // A first letter goes on to the next such row; more letters may mean this one.
    const first = stop + (text.length === 1 ? 1 : 0);
    const order = names.map((_, nth) => (first + nth) % names.length);
    const found = order.find(row => names[row]?.toLowerCase().startsWith(text));
    return found === undefined ? true : go(found);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    switch (event.key) {
      case 'ArrowDown':
        return go(stop + 1);
      case 'ArrowUp':
        return go(stop - 1);
      case 'Home':
        return go(0);
      case 'End':
        return go(last);
      default:
        return event.key.length === 1 && event.key !== ' ' && typeAhead(event.key);
    }
  };
  return { stop, setStop, go, onKey };
}

/** The element of a row: those that can have the focus, in order. */
export function rowOf(list: HTMLElement | null, row: number): HTMLElement | undefined {
  return list?.querySelectorAll<HTMLElement>(':scope > [tabindex]')[row];
}
