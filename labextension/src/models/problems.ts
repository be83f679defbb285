import type { Compiled, Problem } from '../tokens';

/** The problems of a step, its cells' among them, or of a cell counted from 1. */
export function problemsAt(compiled: Compiled | null, place: string | number): readonly Problem[] {
  const step = compiled?.pipeline?.steps.find(one => one.name === place);
  const cells = typeof place === 'string' ? (step?.cells ?? []) : [place];
  return (compiled?.problems ?? []).filter(problem =>
    problem.cell === null ? problem.step === place : cells.includes(problem.cell)
  );
}
