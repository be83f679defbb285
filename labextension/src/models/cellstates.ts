import type { StateKind, StepRecord } from '../tokens';

/**
 * What became of each of a step's cells in a run, in their order. Empty where that is not known:
 * the notebook has other cells by now.
 */
export function cellStates(record: StepRecord, cells: readonly number[]): StateKind[] {
  const { status, cached, waits, cells: counted, cells_done: done } = record;
  const all = (kind: StateKind): StateKind[] => cells.map(() => kind);
  const upTo = (at: number, kind: StateKind, below: StateKind): StateKind[] =>
    cells.map((_, nth) => (nth < at ? 'succeeded' : nth === at ? kind : below));
  switch (status) {
    case 'waiting':
      return all('waiting');
    case 'skipped':
      return all('skipped');
    case 'succeeded':
      return all(cached ? 'cached' : 'succeeded');
  }
  if (counted !== cells.length) {
    return [];
  }
  switch (status) {
    case 'failed':
      return upTo(failedAt(record, cells), 'failed', 'skipped');
    case 'cancelled':
    case 'interrupted':
      return upTo(done, 'cancelled', 'skipped');
    default:
      return upTo(done, waits ? 'waiting' : 'running', 'waiting');
  }
}

/** Which of the cells failed: the last that ended, unless its kernel ended first. */
function failedAt({ cell, cells_done: done, traceback }: StepRecord, cells: readonly number[]): number {
  // The cell that sets a run's parameters counts in the run, so that a number may be one too many.
  const died = traceback === null && cells.indexOf(cell ?? -1) === done;
  return died ? done : Math.max(done - 1, 0);
}
