/** Lanes that are drawn side by side; what needs more shares one more lane, "+n". */
export const MOST = 4;

export interface Lane {
  from: number;
  to: number;
  /** Where the line runs between its two rows. */
  lane: number;
}

/** Where the dots and lines of a rail stand. */
export interface Lanes {
  /** The lane of each row's dot. */
  dots: number[];
  lines: Lane[];
  /** How many lanes are drawn. */
  width: number;
  /** How many more were merged into the last one; 0 where all are drawn. */
  merged: number;
}

export type Edge = readonly [above: number, below: number];

/**
 * Dots and lines for rows in order, whose edges all point down.
 *
 * No line runs through the dot of a row that it does not belong to, merged lanes aside; what
 * follows from other edges is not drawn.
 */
export function lanes(rows: number, edges: readonly Edge[]): Lanes {
  const drawn = reduced(rows, edges);
  const ends: (number | undefined)[] = [];
  const dots: number[] = [];
  const lines: Lane[] = [];
  let width = 1;
  for (let row = 0; row < rows; row++) {
    const free = (): number => {
      const at = ends.findIndex(end => end === undefined);
      return at < 0 ? ends.length : at;
    };
    const arriving = ends.indexOf(row);
    const dot = arriving < 0 ? free() : arriving;
    dots.push(dot);
    ends.forEach((end, lane) => {
      if (end === row) {
        ends[lane] = undefined;
      }
    });
    // The nearest step below goes straight on; the others, and where nothing follows, branch off.
    const leads = (below: number): number => (drawn[below]?.length ? 0 : 1);
    const order = [...(drawn[row] ?? [])].sort((a, b) => leads(a) - leads(b) || a - b);
    order.forEach((below, nth) => {
      const lane = nth === 0 ? dot : free();
      ends[lane] = below;
      lines.push({ from: row, to: below, lane });
    });
    width = Math.max(width, dot + 1, ends.length);
  }
  return merge({ dots, lines, width, merged: 0 });
}

/** The rows right below each row, the nearest first: what can't be reached in another way. */
function reduced(rows: number, edges: readonly Edge[]): number[][] {
  const below: Set<number>[] = Array.from({ length: rows }, () => new Set());
  for (const [from, to] of edges) {
    if (from < to) {
      below[from]?.add(to);
    }
  }
  const reach: Set<number>[] = Array.from({ length: rows }, () => new Set());
  const result: number[][] = Array.from({ length: rows }, () => []);
  for (let row = rows - 1; row >= 0; row--) {
    for (const to of [...(below[row] ?? [])].sort((a, b) => a - b)) {
      if (!reach[row]?.has(to)) {
        result[row]?.push(to);
        reach[row]?.add(to);
        reach[to]?.forEach(further => reach[row]?.add(further));
      }
    }
  }
  return result;
}

function merge(all: Lanes): Lanes {
  if (all.width <= MOST + 1) {
    return all;
  }
  const near = (lane: number): number => Math.min(lane, MOST);
  return {
    dots: all.dots.map(near),
    lines: all.lines.map(line => ({ ...line, lane: near(line.lane) })),
    width: MOST + 1,
    merged: all.width - MOST
  };
}
