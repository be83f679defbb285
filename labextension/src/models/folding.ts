import type { StateKind, StepState } from '../tokens';

/** Steps above which they fold by heading. */
export const MANY = 30;

export interface Group {
  heading: string;
  /** Places of its steps, neighbours in the notebook. */
  places: number[];
}

/** Neighbouring steps under the same heading; the heading of each step is given in order. */
export function grouped(headings: readonly (string | null)[]): Group[] {
  const groups: Group[] = [];
  headings.forEach((heading, place) => {
    const last = groups.at(-1);
    if (last && last.heading === (heading ?? '')) {
      last.places.push(place);
    } else {
      groups.push({ heading: heading ?? '', places: [place] });
    }
  });
  return groups;
}

/** The edges between rows, when several steps share a row. */
export function between(
  edges: readonly (readonly [number, number])[],
  rowOf: readonly number[]
): [number, number][] {
  const seen = new Set<string>();
  const found: [number, number][] = [];
  for (const [above, below] of edges) {
    const [from, to] = [rowOf[above] ?? -1, rowOf[below] ?? -1];
    if (from >= 0 && from < to && !seen.has(`${from}-${to}`)) {
      seen.add(`${from}-${to}`);
      found.push([from, to]);
    }
  }
  return found;
}

/** From what needs attention most to what needs none. */
const WORST: StateKind[] = [
  'failed',
  'problem',
  'running',
  'stale',
  'may-run',
  'cancelled',
  'waiting',
  'skipped',
  'none',
  'succeeded',
  'cached'
];

/** The state that stands for several. */
export function worst(states: readonly StepState[]): StateKind {
  return WORST.find(kind => states.some(state => state.kind === kind)) ?? 'none';
}
