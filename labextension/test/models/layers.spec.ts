import { expect, it } from 'vitest';

import { layers, type Pair } from '../../src/models/layers';

const CHURN = ['load', 'events', 'clean', 'features', 'base', 'boost', 'evaluate'];
const PAIRS: Pair[] = [
  ['load', 'clean'],
  ['clean', 'features'],
  ['events', 'features'],
  ['features', 'base'],
  ['features', 'boost'],
  ['base', 'evaluate'],
  ['boost', 'evaluate'],
  ['load', 'evaluate']
];

it('every step stands right of all that it waits for, as near as can be', () => {
  const { nodes } = layers(CHURN, PAIRS);
  expect(Object.fromEntries(nodes.map(({ name, layer }) => [name, layer]))).toEqual({
    load: 0,
    events: 1,
    clean: 1,
    features: 2,
    base: 3,
    boost: 3,
    evaluate: 4
  });
});

it('what follows from other lines is not drawn', () => {
  const { lines } = layers(CHURN, PAIRS);
  expect(lines.map(({ from, to }) => `${from} ${to}`)).not.toContain('load evaluate');
  expect(lines).toHaveLength(PAIRS.length - 1);
});

it('a line that passes a layer bends in a place of its own there', () => {
  const { lines, nodes, sizes } = layers(
    ['a', 'b', 'c', 'd'],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['a', 'x']
    ]
  );
  expect(lines.every(line => line.through.length === 2)).toBe(true);
  const skipping = layers(
    ['a', 'b', 'c', 'z', 'd'],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'z'],
      ['c', 'd'],
      ['z', 'd']
    ]
  );
  const long = skipping.lines.find(({ from, to }) => from === 'z' && to === 'd');
  expect(long?.through.map(one => one.layer)).toEqual([1, 2, 3]);
  const places = [...skipping.nodes, ...(long?.through.slice(1, -1) ?? [])].map(
    one => `${one.layer}/${one.place}`
  );
  expect(new Set(places).size).toBe(places.length);
  expect([nodes.length, sizes]).toEqual([4, [1, 1, 1, 1]]);
});

it('branches that stand in the other order do not cross', () => {
  const { nodes } = layers(
    ['a', 'b', 'p', 'q'],
    [
      ['a', 'q'],
      ['b', 'p']
    ]
  );
  const place = (name: string) => nodes.find(node => node.name === name)?.place;
  expect((place('a') ?? 0) < (place('b') ?? 0)).toBe((place('q') ?? 0) < (place('p') ?? 0));
});

it('sixty steps are laid out within a frame', () => {
  const names = Array.from({ length: 60 }, (_, at) => `s${at}`);
  const pairs = names.flatMap((name, at): Pair[] =>
    at
      ? [
          [names[Math.floor(at / 2)] ?? '', name],
          [names[at - 1] ?? '', name]
        ]
      : []
  );
  const began = performance.now();
  expect(layers(names, pairs).nodes).toHaveLength(60);
  expect(performance.now() - began).toBeLessThan(100);
});
