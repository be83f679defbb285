import type { TranslationBundle } from '@jupyterlab/translation';

import type { Explained, RunView } from '../tokens';
import { type Left, timeLeft } from './estimate';
import { took, when } from './words';

/** "4 steps to run, 4 may run, 2 cached". */
export function toRun(plan: Explained, trans: TranslationBundle): string {
  const count = (fate: string): number => plan.steps.filter(step => step.fate === fate).length;
  const [run, may, cached, out] = [count('run'), count('may-run'), count('cached'), count('left-out')];
  if (!run && !may) {
    return cached
      ? trans._n('Nothing to run: %1 step cached', 'Nothing to run: %1 steps cached', cached)
      : trans.__('Nothing to run');
  }
  const parts = [
    run && trans._n('%1 step to run', '%1 steps to run', run),
    may && (run ? trans.__('%1 may run', may) : trans._n('%1 step may run', '%1 steps may run', may)),
    cached && trans.__('%1 cached', cached),
    out && trans.__('%1 left out', out)
  ];
  return parts.filter(Boolean).join(', ');
}

/** "About 3 min", "About 1 to 3 min", or nothing where a step has never run. */
export function howLong(plan: Explained, trans: TranslationBundle): string {
  const runs = plan.steps.filter(step => step.fate === 'run' || step.fate === 'may-run');
  if (!runs.length || runs.some(step => step.seconds === null)) {
    return '';
  }
  const sum = (steps: typeof runs): number => steps.reduce((all, one) => all + (one.seconds ?? 0), 0);
  const [least, most] = [sum(runs.filter(step => step.fate === 'run')), sum(runs)];
  const [low, high] = [Math.round(least / 60), Math.round(most / 60)];
  if (most < 1) {
    return trans.__('Under a second');
  }
  if (low === high || most < 60) {
    return trans.__('About %1', rounded(most, trans));
  }
  return low < 1 ? trans.__('Up to %1 min', high) : trans.__('About %1 to %2 min', low, high);
}

/** "6 of 10 steps done". */
export function soFar({ head }: RunView, trans: TranslationBundle): string {
  return trans._n('%2 of %1 step done', '%2 of %1 steps done', head.steps, head.done);
}

/** "2 cached · 2 side by side". */
export function atOnce({ head, steps }: RunView, trans: TranslationBundle): string {
  const going = steps.filter(step => step.status === 'running').length;
  const parts = [
    head.cached && trans.__('%1 cached', head.cached),
    going > 1 && trans.__('%1 side by side', going)
  ];
  return parts.filter(Boolean).join(' · ');
}

/** "about 0:50 left", or nothing where a step has never run. */
export function left(
  run: RunView,
  usual: ReadonlyMap<string, number>,
  now: number,
  trans: TranslationBundle
): string {
  const ahead: Left[] = run.steps
    .filter(step => step.status === 'waiting' || step.status === 'running')
    .map(step => ({
      name: step.name,
      usual: usual.get(step.name) ?? null,
      spent: step.status === 'running' && step.started !== null ? now / 1000 - step.started : 0
    }));
  const seconds = timeLeft(ahead, run.graph);
  // What takes longer than it used to has nothing left to say.
  return seconds === null || seconds < 1 ? '' : trans.__('about %1 left', rounded(seconds, trans));
}

/** How a run ended: "7 steps done in 27.4 s", "failed in margin after 12 s". */
export function outcome(run: RunView, trans: TranslationBundle): string {
  const { status, done, step, seconds } = run.head;
  const time = took(seconds ?? 0, trans);
  switch (status) {
    case 'succeeded':
      return trans._n('%1 step done in %2', '%1 steps done in %2', done, time);
    case 'failed':
      return step ? trans.__('Failed in %1 after %2', step, time) : trans.__('Failed after %1', time);
    case 'cancelled':
      return trans.__('Cancelled after %1', time);
    default:
      return trans.__('Stopped without a word');
  }
}

/** "last run failed 14:02". */
export function lastRun({ head }: RunView, now: number, trans: TranslationBundle): string {
  const at = when(head.started + (head.seconds ?? 0), now);
  switch (head.status) {
    case 'succeeded':
      return trans.__('last run done %1', at);
    case 'failed':
      return trans.__('last run failed %1', at);
    case 'cancelled':
      return trans.__('last run cancelled %1', at);
    default:
      return trans.__('last run stopped %1', at);
  }
}

function rounded(seconds: number, trans: TranslationBundle): string {
  return seconds < 60
    ? trans.__('%1 s', Math.max(1, Math.round(seconds)))
    : trans.__('%1 min', Math.round(seconds / 60));
}
