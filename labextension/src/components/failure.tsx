import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { Unreachable } from '../api/request';
import { Button } from './button';
import { Notice } from './notice';

export interface FailureProps {
  error: Error;
  trans: TranslationBundle;
  onAgain: () => void;
}

/** What could not be had or done, in the server's words, and a second try. */
export function Failure({ error, trans, onAgain }: FailureProps): ReactElement {
  const away = error instanceof Unreachable;
  const again = (
    <Button bare onClick={onAgain}>
      {trans.__('Try again')}
    </Button>
  );
  return (
    <Notice warning={away} acts={again}>
      {away && error.message
        ? trans.__('Server not reached: %1', error.message)
        : error.message || trans.__('Server not reached.')}
    </Notice>
  );
}
