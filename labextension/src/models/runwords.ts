import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunHead, StateKind } from '../tokens';
import { shortNumber } from './comparison';
import { clock, took } from './words';

/** The end of a run's id, which is made by chance: it tells the run apart at a glance. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

/** The state of a run, as an icon shows it. */
export function runState(head: RunHead): StateKind {
  switch (head.status) {
    case 'interrupted':
      return 'failed';
    default:
      return head.status;
  }
}

/** How a run stands, in a word. */
export function statusWord(head: RunHead, trans: TranslationBundle): string {
  switch (head.status) {
    case 'running':
      return trans.__('running');
    case 'succeeded':
      return trans.__('done');
    case 'failed':
      return trans.__('failed');
    case 'cancelled':
      return trans.__('cancelled');
    default:
      return trans.__('stopped without a word');
  }
}

/** "failed after 1 min 58 s", "running for 0:22". */
export function ended(head: RunHead, now: number, trans: TranslationBundle): string {
  const time = took(head.seconds ?? 0, trans);
  switch (head.status) {
    case 'running':
      return trans.__('running for %1', clock(now / 1000 - head.started));
    case 'succeeded':
      return trans.__('done in %1', time);
    case 'failed':
      return trans.__('failed after %1', time);
    case 'cancelled':
      return trans.__('cancelled after %1', time);
    default:
      return trans.__('stopped without a word after %1', time);
  }
}

/** The second line of a run in a list: where it is, what broke, or its first metric. */
export function told(head: RunHead, online: boolean, trans: TranslationBundle): string {
  const { status, step, steps, done, cached, error } = head;
  if (status === 'running') {
    const at = step
      ? trans.__('%1, %2 of %3', step, done, steps)
      : trans.__('%1 of %2', done, steps);
    return online ? at : trans.__('was running, %1 of %2', done, steps);
  }
  if (status === 'failed' || status === 'interrupted') {
    // The record names step and cell first; here the step stands before it anyhow.
    const [, named, why] = /^step '(.*?)', cell \d+ failed: (.*)/.exec(error ?? '') ?? [];
    const said = why ?? error?.split('\n')[0] ?? statusWord(head, trans);
    return [named ?? step, said].filter(Boolean).join(': ');
  }
  if (status === 'cancelled') {
    return step ? trans.__('cancelled in %1', step) : trans.__('cancelled');
  }
  const [name, value] = Object.entries(head.metrics)[0] ?? [];
  const metric = name !== undefined && value !== undefined ? `${name} ${shortNumber(value)}` : '';
  const kept =
    steps > 0 && cached === steps
      ? trans.__('all %1 cached', steps)
      : cached
        ? trans.__('%1 cached', cached)
        : '';
  return [metric, kept].filter(Boolean).join(' · ') || trans._n('%1 step', '%1 steps', steps);
}

/** What may still be done with a run. */
export function acts(head: RunHead): {
  cancel: boolean;
  resume: boolean;
  again: boolean;
  remove: boolean;
} {
  const running = head.status === 'running';
  const unfinished = !running && head.status !== 'succeeded';
  return { cancel: running, resume: unfinished, again: !running, remove: !running };
}
