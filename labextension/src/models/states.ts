import type { TranslationBundle } from '@jupyterlab/translation';

import type { Explained, Problem, RunView, StepFate, StepRecord, StepState } from '../tokens';
import { cause, clock, took } from './words';

export interface Known {
  /** What became of the step in the newest run. */
  record?: StepRecord | undefined;
  /** Which of the two counts. */
  shows: 'run' | 'plan' | null;
  /** Whether that run goes on. */
  running: boolean;
  /** What would become of it. */
  fate?: StepFate | undefined;
  problems: readonly Problem[];
  /** Steps that it waits for, and are not done. */
  waitsFor: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

/** What stands beside a step's name, from all that is known of it. */
export function stateOf(known: Known, trans: TranslationBundle): StepState {
  const { record, shows, running, fate, problems } = known;
  if (record && running) {
    return inRun(record, known, trans);
  }
  if (problems.some(problem => !problem.warning)) {
    return { kind: 'problem', words: trans.__('problem') };
  }
  if (shows === 'plan' && fate) {
    return planned(fate, record, trans);
  }
  return record && shows === 'run' ? inRun(record, known, trans) : { kind: 'none', words: '' };
}

export interface Seen {
  name: string;
  run: RunView | null;
  plan: Explained | null;
  shows: 'run' | 'plan' | null;
  problems: readonly Problem[];
}

/** The same, for a step of a notebook whose newest run and plan are known. */
export function stateIn({ name, run, plan, ...seen }: Seen, trans: TranslationBundle): StepState {
  const records = run?.steps ?? [];
  const done = new Set(records.filter(one => one.status === 'succeeded').map(one => one.name));
  const known = {
    ...seen,
    record: records.find(one => one.name === name),
    running: run?.head.status === 'running',
    fate: plan?.steps.find(one => one.name === name),
    waitsFor: (run?.graph ?? []).flatMap(([above, below]) =>
      below === name && !done.has(above) ? [above] : []
    ),
    now: Date.now()
  };
  return stateOf(known, trans);
}

function planned(
  fate: StepFate,
  record: StepRecord | undefined,
  trans: TranslationBundle
): StepState {
  switch (fate.fate) {
    case 'cached':
      return { kind: 'cached', words: trans.__('cached') };
    case 'may-run':
      return { kind: 'may-run', words: trans.__('may run') };
    case 'left-out':
      return { kind: 'skipped', words: trans.__('left out') };
    case 'run':
      if (record?.status === 'failed' && fate.why.every(reason => reason.kind === 'new')) {
        return { kind: 'failed', words: trans.__('failed') };
      }
      // What has never run has not changed either.
      return {
        kind: fate.why.every(reason => reason.kind === 'new') ? 'waiting' : 'stale',
        words: cause(fate.why.find(reason => reason.kind !== 'new') ?? fate.why[0], trans)
      };
  }
}

function inRun(record: StepRecord, known: Known, trans: TranslationBundle): StepState {
  const { seconds } = record;
  switch (record.status) {
    case 'running':
    case 'ready':
      return going(record, known, trans);
    case 'succeeded':
      return record.cached
        ? { kind: 'cached', words: trans.__('cached') }
        : { kind: 'succeeded', words: seconds === null ? trans.__('done') : took(seconds, trans) };
    case 'failed':
      return {
        kind: 'failed',
        words: seconds === null ? trans.__('failed') : trans.__('failed after %1', took(seconds, trans))
      };
    case 'cancelled':
    case 'interrupted':
      return { kind: 'cancelled', words: trans.__('cancelled') };
    case 'skipped':
      return { kind: 'skipped', words: trans.__('not reached') };
    default:
      return waiting(known.waitsFor, trans);
  }
}

function going(record: StepRecord, { now }: Known, trans: TranslationBundle): StepState {
  if (record.waits) {
    return waiting([record.waits], trans);
  }
  const { cells, cells_done: done, started } = record;
  const time = clock(started === null ? 0 : now / 1000 - started);
  if (cells > 1) {
    const cell = Math.min(done + 1, cells);
    const words = trans.__('cell %1 of %2 · %3', cell, cells, time);
    return { kind: 'running', words, short: time, progress: done / cells };
  }
  return { kind: 'running', words: trans.__('running · %1', time), short: time };
}

function waiting(names: readonly string[], trans: TranslationBundle): StepState {
  if (!names.length) {
    return { kind: 'waiting', words: trans.__('waiting') };
  }
  const few = names.length > 3 ? trans.__('%1 steps', names.length) : names.join(', ');
  const short =
    names.length > 1 ? trans.__('waiting for %1', names.length) : trans.__('waiting');
  return { kind: 'waiting', words: trans.__('waiting for %1', few), short };
}
