import type { RunDiff, RunHead, StepRecord } from '../src/tokens';
import { head, record } from './cases';

/** A run that went well, of which only what matters to a case is said. */
export function aHead(own: Partial<RunHead> = {}): RunHead {
  const usual = {
    run_id: '20261121-140022-4f2a',
    status: 'succeeded',
    started: 0,
    seconds: 1,
    steps: 0
  } as const;
  return head({ ...usual, ...own });
}

/** A step of a run, likewise. */
export function aStep(name: string, own: Partial<StepRecord> = {}): StepRecord {
  return record({ name, ...own });
}

/** How two runs differ, likewise. */
export function aDiff(own: Partial<RunDiff> = {}): RunDiff {
  return {
    a: 'a',
    b: 'b',
    status: ['succeeded', 'succeeded'],
    parameters: [],
    metrics: [],
    steps: [],
    needs: { changes: [], same: 0, known: false, unlisted: 0 },
    outside: null,
    unread: [],
    ...own
  };
}
