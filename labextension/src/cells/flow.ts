import type { TranslationBundle } from '@jupyterlab/translation';

import type { StepView } from '../tokens';

const MOST = 6;

/** "reads X, y · writes model": what flows through a step, in one line. */
export function flowOf(step: StepView | undefined, trans: TranslationBundle): string {
  if (!step) {
    return '';
  }
  const reads = listed(step.reads.map(read => read.name), trans);
  const writes = listed(step.writes, trans);
  return [reads && trans.__('reads %1', reads), writes && trans.__('writes %1', writes)]
    .filter(Boolean)
    .join(' · ');
}

function listed(names: readonly string[], trans: TranslationBundle): string {
  const found = [...new Set(names)];
  const more = found.length - MOST;
  return more > 1
    ? trans._n('%2 and %1 more', '%2 and %1 more', more, found.slice(0, MOST).join(', '))
    : found.join(', ');
}
