import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, type ReactElement } from 'react';

import { StateIcon } from '../components/state';
import type { StateKind } from '../tokens';

export interface TurnProps {
  step: string;
  kind: StateKind;
  trans: TranslationBundle;
}

/** What became of a cell in the run, left of its prompt: the number there is the kernel's. */
export const Turn = memo(function Turn({ step, kind, trans }: TurnProps): ReactElement {
  const says = `${step}, ${wordOf(kind, trans)}`;
  return (
    <span role="img" aria-label={says} title={says}>
      <StateIcon state={{ kind }} />
    </span>
  );
});

function wordOf(kind: StateKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'running':
      return trans.__('running');
    case 'succeeded':
      return trans.__('done');
    case 'cached':
      return trans.__('cached');
    case 'failed':
      return trans.__('failed');
    case 'cancelled':
      return trans.__('cancelled');
    case 'skipped':
      return trans.__('not reached');
    default:
      return trans.__('waiting');
  }
}
