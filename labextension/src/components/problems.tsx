import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { Problem } from '../tokens';
import { Button } from './button';
import { Notice } from './notice';

export interface ProblemsProps {
  problems: readonly Problem[];
  trans: TranslationBundle;
  onGo: (cell: number) => void;
  onFix: (problem: Problem) => void;
}

/** What is wrong with the notebook, where, and the way out; errors first. */
export function Problems({ problems, trans, onGo, onFix }: ProblemsProps): ReactElement {
  const sorted = [...problems].sort((a, b) => Number(a.warning) - Number(b.warning));
  return (
    <div>
      {sorted.map((problem, at) => (
        <Notice
          key={`${at} ${problem.message}`}
          warning={problem.warning}
          acts={
            <>
              {problem.fix && (
                <Button bare onClick={() => onFix(problem)}>
                  {fixWords(problem.fix, trans)}
                </Button>
              )}
              {problem.cell !== null && (
                <Button bare onClick={() => problem.cell !== null && onGo(problem.cell)}>
                  {trans.__('Go to cell %1', problem.cell)}
                </Button>
              )}
            </>
          }
        >
          <div>{problem.message}</div>
          {problem.way_out && <div className="jp-MlopsMuted">{problem.way_out}</div>}
        </Notice>
      ))}
    </div>
  );
}

function fixWords(fix: NonNullable<Problem['fix']>, trans: TranslationBundle): string {
  return fix.new
    ? trans.__('Make it “%1”', fix.new)
    : trans.__('Remove “%1” from cell %2', fix.old, fix.cell);
}
