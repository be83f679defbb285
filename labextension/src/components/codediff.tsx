import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { type ReactElement, useLayoutEffect, useRef, useState } from 'react';

import type { CellChange } from '../tokens';
import { Failure } from './failure';

export interface CodeDiffProps {
  cells: readonly CellChange[];
  /** What the code is of, as in "load". */
  name: string;
  /** Show the lines that are the same, too. */
  whole: boolean;
  trans: TranslationBundle;
}

/** Cells in two versions beside each other. What draws them is loaded when the first is shown. */
export function CodeDiff({ cells, name, whole, trans }: CodeDiffProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'there' | Error>('loading');
  const [turn, setTurn] = useState(0);
  // Not an ordinary effect: a widget leaves the page before its host does.
  useLayoutEffect(() => {
    let widget: Widget | null = null;
    let left = false;
    const show = async (): Promise<void> => {
      const { CellDiffs } = await import('./celldiffs');
      if (!left && host.current) {
        widget = new CellDiffs({ cells, name, whole, trans });
        Widget.attach(widget, host.current);
        setState('there');
      }
    };
    show().catch((error: unknown) => {
      if (!left) {
        setState(error instanceof Error ? error : new Error(String(error)));
      }
    });
    return () => {
      left = true;
      widget?.dispose();
    };
  }, [cells, name, whole, trans, turn]);
  const again = (): void => {
    setState('loading');
    setTurn(turn + 1);
  };
  return (
    <>
      {state instanceof Error && (
        <Failure
          error={new Error(trans.__('The code can’t be shown: %1', state.message))}
          trans={trans}
          onAgain={again}
        />
      )}
      {state === 'loading' && (
        <div className="jp-MlopsSkeleton" aria-hidden="true">
          {[38, 52, 31].map(width => (
            <div key={width} style={{ width: `${width}%` }} />
          ))}
        </div>
      )}
      <div ref={host} role="group" aria-label={trans.__('Code of %1 in both runs', name)} />
    </>
  );
}
