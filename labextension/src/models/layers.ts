export type Pair = readonly [above: string, below: string];

/** A box of a layered graph, or a bend of a line that passes a layer. */
export interface Placed {
  name: string;
  layer: number;
  /** Its place in the layer, from 0. */
  place: number;
}

export interface Layers {
  nodes: Placed[];
  /** Each line as the points that it goes through, both ends among them. */
  lines: { from: string; to: string; through: Placed[] }[];
  /** How many boxes and bends each layer has. */
  sizes: number[];
}

/** How often neighbours pull at each other. */
const SWEEPS = 6;

/**
 * Steps in layers from left to right, each behind all that it waits for.
 *
 * `names` are in notebook order, where every pair points down; what follows from other pairs is
 * not drawn.
 */
export function layers(names: readonly string[], pairs: readonly Pair[]): Layers {
  const lines = reduced(names, pairs);
  const layer = new Map<string, number>();
  for (const name of names) {
    const above = lines.filter(([, below]) => below === name).map(([one]) => layer.get(one) ?? 0);
    layer.set(name, above.length ? Math.max(...above) + 1 : 0);
  }
  pullRight(names, lines, layer);
  const columns: string[][] = Array.from({ length: Math.max(0, ...layer.values()) + 1 }, () => []);
  names.forEach(name => columns[layer.get(name) ?? 0]?.push(name));
  const chains = lines.map(([from, to]) => bend(from, to, layer, columns));
  order(columns, chains);
  const placed = new Map<string, Placed>();
  columns.forEach((column, at) =>
    column.forEach((name, place) => placed.set(name, { name, layer: at, place }))
  );
  const point = (name: string): Placed[] => [placed.get(name)].flatMap(one => one ?? []);
  return {
    nodes: names.flatMap(point),
    lines: chains.map(chain => ({
      from: chain[0] ?? '',
      to: chain.at(-1) ?? '',
      through: chain.flatMap(point)
    })),
    sizes: columns.map(column => column.length)
  };
}

/** A step that waits for nothing stands right before the first that waits for it. */
function pullRight(
  names: readonly string[],
  lines: readonly Pair[],
  layer: Map<string, number>
): void {
  for (const name of [...names].reverse()) {
    const below = lines.filter(([above]) => above === name).map(([, one]) => layer.get(one) ?? 0);
    const free = !lines.some(([, one]) => one === name);
    if (below.length && free) {
      layer.set(name, Math.min(...below) - 1);
    }
  }
}

/** The line as a chain of names: bends, put at the end of the layers between, and both ends. */
function bend(
  from: string,
  to: string,
  layer: ReadonlyMap<string, number>,
  columns: readonly string[][]
): string[] {
  const chain = [from];
  for (let at = (layer.get(from) ?? 0) + 1; at < (layer.get(to) ?? 0); at++) {
    const name = `${from}\n${to}\n${at}`;
    columns[at]?.push(name);
    chain.push(name);
  }
  return [...chain, to];
}

/** Sort each layer by where its neighbours stand, forth and back, so that few lines cross. */
function order(columns: string[][], chains: readonly string[][]): void {
  const beside = new Map<string, { before: string[]; behind: string[] }>();
  const of = (name: string) => {
    const known = beside.get(name) ?? { before: [], behind: [] };
    beside.set(name, known);
    return known;
  };
  for (const chain of chains) {
    chain.slice(1).forEach((name, at) => {
      of(name).before.push(chain[at] ?? '');
      of(chain[at] ?? '').behind.push(name);
    });
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    const side = forth ? 'before' : 'behind';
    const at = columns.map((_, nth) => (forth ? nth : columns.length - 1 - nth));
    at.slice(1).forEach((nth, step) => {
      const other = columns[at[step] ?? 0] ?? [];
      // Measured from the middle, since layers are centred.
      const height = new Map(other.map((name, place) => [name, place - (other.length - 1) / 2]));
      const own = columns[nth] ?? [];
      const weight = new Map(
        own.map((name, place) => {
          const pulls = of(name)[side].flatMap(one => height.get(one) ?? []);
          const still = place - (own.length - 1) / 2;
          return [name, pulls.length ? pulls.reduce((a, b) => a + b, 0) / pulls.length : still];
        })
      );
      own.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
    });
  }
}

/** The pairs without those that follow from others. */
function reduced(names: readonly string[], pairs: readonly Pair[]): Pair[] {
  const place = new Map(names.map((name, at) => [name, at]));
  const below = new Map(names.map(name => [name, new Set<string>()]));
  pairs.forEach(([a, b]) => {
    if ((place.get(a) ?? -1) < (place.get(b) ?? -1)) {
      below.get(a)?.add(b);
    }
  });
  const reach = new Map(names.map(name => [name, new Set<string>()]));
  const kept: Pair[] = [];
  for (const name of [...names].reverse()) {
    const own = reach.get(name) ?? new Set();
    const near = [...(below.get(name) ?? [])].sort(
      (a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)
    );
    for (const one of near) {
      if (!own.has(one)) {
        kept.push([name, one]);
        own.add(one);
        reach.get(one)?.forEach(further => own.add(further));
      }
    }
  }
  return kept.reverse();
}
