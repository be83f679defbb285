import { colour } from '../models/palette';
import type { PipelineView } from '../tokens';
import type { CellSaid } from './said';

/** Where a cell belongs: to a step, or to what its tag says; null for text between. */
export interface Place {
  name: string;
  role: 'step' | 'setup' | 'parameters' | 'skip';
}

/** What stands at a cell: a chip above it, and the band beside it. */
export interface Shown {
  /** The step's first cell bears its name and state; a quiet one says what it is and no more. */
  chip: 'step' | 'again' | 'quiet' | null;
  name: string;
  role: Place['role'] | null;
  colour: string;
  band: boolean;
  /** Whether the band begins or ends here. */
  top: boolean;
  bottom: boolean;
}

const PREAMBLE = 'preamble';
const METRICS = 'pipeline-metrics';

/** Where each cell belongs by the tags: an untagged cell joins the tagged one above it. */
export function byTags(cells: readonly CellSaid[]): (Place | null)[] {
  let last: Place = { name: PREAMBLE, role: 'step' };
  return cells.map(({ code, empty, marks }) => {
    if (!code) {
      return null;
    }
    const { kind, label, step } = marks;
    if (kind === 'skip') {
      return { name: 'skip', role: 'skip' };
    }
    if (kind === 'untagged') {
      return empty ? null : last;
    }
    const place: Place =
      kind === 'parameters'
        ? { name: 'parameters', role: 'parameters' }
        : kind === 'setup'
          ? { name: label, role: 'setup' }
          : { name: step ?? METRICS, role: 'step' };
    if (label !== 'injected-parameters') {
      last = place;
    }
    return empty && kind !== 'step' ? null : place;
  });
}

/** Where each cell belongs as it was compiled: by headings, or each for itself. */
export function bySegments(view: PipelineView, cells: readonly CellSaid[]): (Place | null)[] {
  const places = new Map<number, Place>();
  for (const { name, role, cells: own } of view.segments) {
    own.forEach(cell => places.set(cell - 1, { name, role }));
  }
  return cells.map(({ code, marks }, cell) =>
    code && marks.kind === 'skip' ? { name: 'skip', role: 'skip' } : (code && places.get(cell)) || null
  );
}

/** What stands at each cell. Text between the cells of one step lies on its band. */
export function shown(places: readonly (Place | null)[]): Shown[] {
  const order = new Map<string, number>();
  let before: Place | null = null;
  const found = places.map((place): Shown => {
    if (!place) {
      return nothing();
    }
    const first = before?.name !== place.name || before.role !== place.role;
    if (place.role !== 'skip') {
      before = place;
    }
    if (place.role !== 'step') {
      const chip = first || place.role === 'skip' ? 'quiet' : null;
      return { ...nothing(), chip, name: place.name, role: place.role };
    }
    const again = order.has(place.name);
    if (!again) {
      order.set(place.name, order.size);
    }
    return {
      chip: again ? (first ? 'again' : null) : 'step',
      name: place.name,
      role: 'step',
      colour: colour(order.get(place.name) ?? -1),
      band: true,
      top: first,
      bottom: false
    };
  });
  return joined(found);
}

function nothing(): Shown {
  return { chip: null, name: '', role: null, colour: '', band: false, top: false, bottom: false };
}

/** The bands, drawn through what stands between two cells of one run of a step. */
function joined(found: Shown[]): Shown[] {
  let last = -1;
  found.forEach((one, at) => {
    if (!one.band) {
      return;
    }
    const above = found[last];
    if (above && !one.top) {
      for (const between of found.slice(last + 1, at)) {
        if (between.role === null) {
          Object.assign(between, { band: true, colour: one.colour, name: one.name });
        }
      }
    } else if (above) {
      above.bottom = true;
    }
    last = at;
  });
  const end = found[last];
  if (end) {
    end.bottom = true;
  }
  return found;
}
