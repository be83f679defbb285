import type { RunView, StepRecord } from '../tokens';

/** Where a run stopped, and why. */
export interface Stop {
  step: string | null;
  cell: number | null;
  line: number | null;
  message: string;
}

/** Where the run stopped, if it did. */
export function stopOf({ head, steps }: RunView): Stop | null {
  if (head.status !== 'failed' && head.status !== 'interrupted') {
    return null;
  }
  // Another step that was not through yet when the run stopped has no error of its own.
  const broken = steps.filter(step => step.status === 'failed');
  const failed = broken.find(step => step.error !== null) ?? broken[0];
  return {
    step: failed?.name ?? head.step,
    cell: failed?.cell ?? head.cell,
    line: failed ? lineOf(failed) : null,
    message: failed?.error ?? head.error ?? ''
  };
}

/** The line of the cell that raised, as the traceback points at it. */
export function lineOf({ traceback }: Pick<StepRecord, 'traceback'>): number | null {
  const plain = bare(traceback ?? '');
  const at = /^-+> (\d+)/m.exec(plain) ?? /^Cell .*line (\d+)/m.exec(plain);
  return at ? Number(at[1]) : null;
}

function bare(text: string): string {
  return text.replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '');
}
