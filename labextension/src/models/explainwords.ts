import type { TranslationBundle } from '@jupyterlab/translation';

import type { Explained, Reason, StateKind, StepFate } from '../tokens';
import { took } from './words';

/** What would become of a step, as an icon and a word. */
export function fateState(
  fate: StepFate,
  trans: TranslationBundle
): { kind: StateKind; words: string } {
  switch (fate.fate) {
    case 'cached':
      return { kind: 'cached', words: trans.__('cached') };
    case 'run':
      return { kind: 'stale', words: trans.__('will run') };
    case 'may-run':
      return { kind: 'may-run', words: trans.__('may run') };
    case 'left-out':
      return { kind: 'skipped', words: trans.__('left out') };
  }
}

/** The first cause, and how many more there are. */
export function firstCause(fate: StepFate, trans: TranslationBundle): string {
  const [first, ...more] = fate.why;
  if (!first) {
    return fate.fate === 'cached' ? trans.__('nothing that it reads has changed') : '';
  }
  return more.length
    ? trans._n('%2 · and %1 more', '%2 · and %1 more', more.length, first.text)
    : first.text;
}

/** What a step would take: "18.2 s", "up to 8 s"; nothing where that isn't known. */
export function expected(fate: StepFate, trans: TranslationBundle): string {
  if (fate.seconds === null || (fate.fate !== 'run' && fate.fate !== 'may-run')) {
    return '';
  }
  const time = took(fate.seconds, trans);
  return fate.fate === 'may-run' ? trans.__('up to %1', time) : time;
}

/** "4 steps will run, 4 may run, 2 are cached". */
export function headline(plan: Explained, trans: TranslationBundle): string {
  const count = (fate: StepFate['fate']): number =>
    plan.steps.filter(step => step.fate === fate).length;
  const [run, may, cached, out] = [
    count('run'),
    count('may-run'),
    count('cached'),
    count('left-out')
  ];
  if (!run && !may) {
    return trans._n(
      'Nothing will run: %1 step is cached',
      'Nothing will run: all %1 steps are cached',
      cached
    );
  }
  const parts = [
    run && trans._n('%1 step will run', '%1 steps will run', run),
    may &&
      (run ? trans.__('%1 may run', may) : trans._n('%1 step may run', '%1 steps may run', may)),
    cached && trans._n('%1 is cached', '%1 are cached', cached),
    out && trans._n('%1 is left out', '%1 are left out', out)
  ];
  return parts.filter(Boolean).join(', ');
}

/** What the causes are in all: "1 file, 2 times code, 1 parameter". */
export function causes(plan: Explained, trans: TranslationBundle): string {
  const first = plan.steps.filter(step => step.fate === 'run').flatMap(step => step.why);
  const seen = new Map<string, Set<string>>();
  plan.steps.forEach(step => {
    for (const reason of step.fate === 'run' ? step.why : []) {
      const what = reason.kind === 'code' || reason.kind === 'new' ? step.name : reason.what;
      seen.set(reason.kind, (seen.get(reason.kind) ?? new Set()).add(what));
    }
  });
  const many = (kind: string): number => seen.get(kind)?.size ?? 0;
  const words = [
    many('code') && trans._n('code of %1 step', 'code of %1 steps', many('code')),
    many('new') && trans._n('%1 step without a result', '%1 steps without a result', many('new')),
    many('file') && trans._n('%1 file', '%1 files', many('file')),
    many('parameter') && trans._n('%1 parameter', '%1 parameters', many('parameter')),
    many('value') && trans._n('%1 value', '%1 values', many('value')),
    many('package') && trans._n('%1 package', '%1 packages', many('package')),
    many('setting') && trans._n('%1 setting', '%1 settings', many('setting'))
  ].filter(Boolean);
  return first.length ? words.join(', ') : '';
}

/** The name of a part of a step's key that changed. */
export function keyPart({ kind, what }: Reason, trans: TranslationBundle): string {
  switch (kind) {
    case 'code':
      return trans.__('Code');
    case 'python':
      return trans.__('Python');
    case 'new':
      return trans.__('Result');
    case 'forced':
    case 'policy':
    case 'no-cache':
      return trans.__('Cache');
    default:
      return what || kind;
  }
}
