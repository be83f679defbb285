import type { ReactElement } from 'react';

import type { StepState } from '../tokens';
import {
  Cached,
  Cancelled,
  Failed,
  MayRun,
  Running,
  Skipped,
  Stale,
  Succeeded,
  Waiting,
  Warning
} from './glyphs';

/** The icon of a state; its words stand beside it, or in the name of what carries it. */
export function StateIcon({ state }: { state: Pick<StepState, 'kind' | 'progress'> }): ReactElement | null {
  switch (state.kind) {
    case 'none':
      return null;
    case 'waiting':
      return <Waiting />;
    case 'running':
      return <Running progress={state.progress} />;
    case 'cached':
      return <Cached />;
    case 'succeeded':
      return <Succeeded />;
    case 'failed':
      return <Failed />;
    case 'cancelled':
      return <Cancelled />;
    case 'skipped':
      return <Skipped />;
    case 'stale':
      return <Stale />;
    case 'may-run':
      return <MayRun />;
    case 'problem':
      return <Warning />;
  }
}
