import { describe, expect, it } from 'vitest';

import { type Edge, lanes, MOST } from '../../src/components/lanes';

/** Numbers that are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

function someGraph(seed: number): [rows: number, edges: Edge[]] {
  const random = numbers(seed);
  const next = (): number => random.next().value;
  const rows = 2 + Math.floor(next() * 14);
  const edges: Edge[] = [];
  for (let below = 1; below < rows; below++) {
    for (let above = 0; above < below; above++) {
      if (next() < 0.25) {
        edges.push([above, below]);
      }
    }
  }
  return [rows, edges];
}

const churn: Edge[] = [
  [0, 2], [1, 3], [2, 3], [3, 4], [4, 5], [4, 6], [4, 7], [5, 8], [6, 8], [7, 8], [8, 9]
];

describe('lanes', () => {
  it('a chain is one straight line', () => {
    const found = lanes(3, [[0, 1], [1, 2]]);
    expect(found).toEqual({
      dots: [0, 0, 0],
      lines: [{ from: 0, to: 1, lane: 0 }, { from: 1, to: 2, lane: 0 }],
      width: 1,
      merged: 0
    });
  });

  it('steps that run side by side stand side by side', () => {
    expect(lanes(10, churn).dots).toEqual([0, 1, 0, 0, 0, 0, 1, 2, 0, 0]);
  });

  it('what follows from other edges is not drawn', () => {
    const found = lanes(3, [[0, 1], [1, 2], [0, 2]]);
    expect(found.lines.map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 2]]);
  });

  it('a step that leads nowhere stands aside', () => {
    expect(lanes(4, [[0, 1], [0, 2], [2, 3]]).dots).toEqual([0, 1, 0, 0]);
  });

  it('no line runs through the dot of another step', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const [rows, edges] = someGraph(seed);
      const found = lanes(rows, edges);
      const clear = (lane: number): boolean => !found.merged || lane < MOST;
      for (const { from, to, lane } of found.lines) {
        for (let row = from + 1; row < to; row++) {
          expect(clear(lane) && found.dots[row] === lane, `seed ${seed}`).toBe(false);
        }
      }
    }
  });

  it('every step can be reached along lines from all that it waits for', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const [rows, edges] = someGraph(seed);
      const { lines } = lanes(rows, edges);
      const above: Set<number>[] = Array.from({ length: rows }, () => new Set());
      for (const { from, to } of [...lines].sort((a, b) => a.to - b.to)) {
        above[to]?.add(from);
        above[from]?.forEach(row => above[to]?.add(row));
      }
      edges.forEach(([from, to]) => expect(above[to]?.has(from), `seed ${seed}`).toBe(true));
    }
  });

  it('more lanes than there is room for share the last one', () => {
    const wide = Array.from({ length: 8 }, (_, nth): Edge => [nth, 8]);
    const found = lanes(9, wide);
    expect([found.width, found.merged]).toEqual([MOST + 1, 4]);
    expect(Math.max(...found.dots, ...found.lines.map(line => line.lane))).toBe(MOST);
  });
});
