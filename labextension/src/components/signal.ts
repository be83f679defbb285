import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

/** Show again whenever one of these signals is heard; a burst of them once a frame. */
export function useSignals(...signals: readonly ISignal<unknown, unknown>[]): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    const heard = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        again();
      });
    };
    signals.forEach(signal => signal.connect(heard));
    return () => {
      cancelAnimationFrame(frame);
      signals.forEach(signal => signal.disconnect(heard));
    };
    // Signals belong to models that outlive what shows them.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, signals);
}
