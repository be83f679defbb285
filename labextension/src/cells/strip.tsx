import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { Failed, Warning } from '../components/glyphs';
import type { Problem } from '../tokens';

export interface StripProps {
  problem: Problem;
  trans: TranslationBundle;
  /** Whether the fix is still there to be made. */
  fixes: boolean;
  onFix: (problem: Problem) => void;
  onGo: (cell: number) => void;
}

/** What is wrong with the cell above, the way out, and a button that takes it where that is safe. */
export function Strip({ problem, trans, fixes, onFix, onGo }: StripProps): ReactElement {
  const { message, way_out, warning, fix, cell, line } = problem;
  const where = line === null ? '' : trans.__('Line %1: ', line);
  // A button that says the way out says it once.
  const out = fixes ? '' : way_out;
  return (
    <div className="jp-MlopsStrip" role="note">
      {warning ? <Warning /> : <Failed />}
      <span className="jp-MlopsStrip-text">
        {where}
        {/[.!?]$/.test(message) ? message : `${message}.`}
        {out && <span className="jp-MlopsMuted"> {out}</span>}
      </span>
      {fix && fixes && (
        <Button title={way_out} onClick={() => onFix(problem)}>
          {fixWords(fix, trans)}
        </Button>
      )}
      {fix && fix.cell !== cell && (
        <Button bare onClick={() => onGo(fix.cell)}>
          {trans.__('Go to cell %1', fix.cell)}
        </Button>
      )}
    </div>
  );
}

function fixWords(fix: NonNullable<Problem['fix']>, trans: TranslationBundle): string {
  if (fix.new) {
    return trans.__('Change to “%1”', fix.new);
  }
  return fix.old === 'skip'
    ? trans.__('Include cell %1', fix.cell)
    : trans.__('Remove “%1”', fix.old);
}
