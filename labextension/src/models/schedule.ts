import type { RunView, StepRecord } from '../tokens';

type Waits = readonly (readonly [number, number | null])[];

/** A stretch in which a worker was busy with a step; seconds since the run began. */
export interface Stretch {
  kind: 'work' | 'wait' | 'dropped';
  from: number;
  to: number;
  worker: string;
  /** Ahead of the notebook's own kernel. */
  early: boolean;
  /** Why it was thrown away, or the name that it waited for. */
  why: string;
}

export interface ScheduleRow {
  step: StepRecord;
  stretches: Stretch[];
  /** When its result was taken from the cache. */
  cachedAt: number | null;
  /** Behind what its words stand; null where it has not begun. */
  end: number | null;
}

/** When the steps of a run were worked at. */
export interface Schedule {
  rows: ScheduleRow[];
  /** Seconds from the run's begin to the right end. */
  span: number;
  /** How many steps were worked at in the same moment, at most. */
  atOnce: number;
}

/** When the steps were worked at, as far as it is known at `now`, in seconds since 1970. */
export function schedule(run: Pick<RunView, 'head' | 'steps'>, now: number): Schedule {
  const { started, seconds } = run.head;
  const end = seconds === null ? Math.max(now, started) : started + seconds;
  const rows = run.steps.map(step => rowOf(step, started, end));
  const last = Math.max(0, ...rows.flatMap(row => row.stretches.map(one => one.to)));
  return { rows, span: Math.max(end - started, last, 0.001), atOnce: most(rows) };
}

function rowOf(step: StepRecord, began: number, end: number): ScheduleRow {
  const since = (at: number): number => Math.max(0, Math.min(at, end) - began);
  if (step.cached && step.ended !== null) {
    const at = since(step.ended);
    return { step, stretches: [], cachedAt: at, end: at };
  }
  const stretches = [...step.dropped.flatMap(dropped), ...step.spans.flatMap(spanned)].sort(
    (a, b) => a.from - b.from
  );
  const ends = stretches.filter(one => one.kind !== 'dropped').map(one => one.to);
  return { step, stretches, cachedAt: null, end: ends.length ? Math.max(...ends) : null };

  function dropped(drop: StepRecord['dropped'][number]): Stretch[] {
    const { worker, started, seconds, why, name } = drop;
    const words = name ? `${why}: ${name}` : why;
    const [from, to] = [since(started), since(started + seconds)];
    return [{ kind: 'dropped', from, to, worker, early: true, why: words }];
  }

  function spanned(span: StepRecord['spans'][number]): Stretch[] {
    const { worker, early, started, ended } = span;
    const common = { worker, early };
    return parts(started, ended ?? end, span.waits as Waits).map(([kind, a, b]) => ({
      ...common,
      kind,
      from: since(a),
      to: since(b),
      why: kind === 'wait' && ended === null ? step.waits : ''
    }));
  }

  /** A stretch, cut into work and waiting. */
  function parts(from: number, to: number, waits: Waits): ['work' | 'wait', number, number][] {
    const found: ['work' | 'wait', number, number][] = [];
    let at = from;
    for (const [a, b] of waits) {
      const [begin, until] = [Math.max(a, at), Math.min(b ?? to, to)];
      if (begin > at) {
        found.push(['work', at, begin]);
      }
      if (until > begin) {
        found.push(['wait', begin, until]);
      }
      at = Math.max(at, until);
    }
    return to > at || !found.length ? [...found, ['work', at, to]] : found;
  }
}

/** How many of the rows are worked at in the same moment, at most. */
function most(rows: readonly ScheduleRow[]): number {
  const works = rows.flatMap(row => row.stretches.filter(one => one.kind === 'work'));
  const moves = works
    .flatMap(({ from, to }): [number, number][] => [
      [from, 1],
      [to, -1]
    ])
    // Who ends makes room before who begins.
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let count = 0;
  return moves.reduce((high, [, move]) => Math.max(high, (count += move)), 0);
}

const NICE = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600
];

/** Round seconds for a ruler, from 0, at most `count` of them behind it. */
export function ticks(span: number, count: number): number[] {
  const rough = span / Math.max(count, 1);
  const apart = NICE.find(one => one >= rough) ?? Math.ceil(rough / 3600) * 3600;
  const found = Array.from({ length: Math.floor(span / apart + 1e-9) + 1 }, (_, at) => at * apart);
  return found.map(at => Math.round(at * 100) / 100);
}
