import type { StepFate } from '../tokens';
import { between, MANY } from './folding';

/** Cached neighbours that are worth one line. */
const FEW = 3;

/** A line of a plan: a step, or cached neighbours that stand in one line. */
export interface PlanRow {
  key: string;
  steps: readonly StepFate[];
  fold?: 'open' | 'closed';
  /** A step under its line. */
  inside?: boolean;
}

/** The lines of a plan; of many steps, cached neighbours stand in one that can be opened. */
export function planRows(steps: readonly StepFate[], opened: ReadonlySet<string>): PlanRow[] {
  const single = (step: StepFate): PlanRow => ({ key: step.name, steps: [step] });
  if (steps.length <= MANY) {
    return steps.map(single);
  }
  return neighbours(steps).flatMap((group): PlanRow[] => {
    const [first] = group;
    if (!first || group.length < FEW) {
      return group.map(single);
    }
    const key = `= ${first.name}`;
    const open = opened.has(key);
    const line: PlanRow = { key, steps: group, fold: open ? 'open' : 'closed' };
    return open ? [line, ...group.map(step => ({ ...single(step), inside: true }))] : [line];
  });
}

/** The line that a step is hidden in as long as that is closed; null where it isn't. */
export function foldOf(steps: readonly StepFate[], name: string | null): string | null {
  const lines = planRows(steps, new Set());
  const line = lines.find(row => row.fold && row.steps.some(step => step.name === name));
  return line?.key ?? null;
}

/** Cached steps that follow on each other together, all others alone. */
function neighbours(steps: readonly StepFate[]): StepFate[][] {
  const groups: StepFate[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (step.fate === 'cached' && last?.[0]?.fate === 'cached') {
      last.push(step);
    } else {
      groups.push([step]);
    }
  }
  return groups;
}

/** The edges between lines; a step that stands in a line with others is there. */
export function planEdges(
  rows: readonly PlanRow[],
  edges: readonly (readonly [string, string])[]
): [number, number][] {
  const places = new Map<string, number>();
  rows.forEach(({ steps, fold }, at) => {
    if (fold !== 'open') {
      steps.forEach(({ name }) => places.set(name, at));
    }
  });
  const at = (name: string): number => places.get(name) ?? -1;
  const own = rows.map((_, row) => row);
  return between(
    edges.map(([a, b]): [number, number] => [at(a), at(b)]),
    own
  );
}
