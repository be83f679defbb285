import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { StepState } from '../tokens';
import { Down, Right, Warning } from './glyphs';
import { Name } from './name';
import { StateIcon } from './state';

/** The height of a row, as in the style sheet. */
export const ROW = 28;

export interface RailRow {
  key: string;
  name: string;
  colour: string;
  state: StepState;
  /** A problem beside the state: the sentence. */
  problem?: string | undefined;
  /** Why it stands as it does, in full; shown where there is room. */
  why?: string | undefined;
  /** A heading that rows are folded under. */
  fold?: 'open' | 'closed' | undefined;
  /** It has to wait, or is not reached. */
  dim?: boolean | undefined;
  /** A row under a heading. */
  inside?: boolean | undefined;
}

export interface RailItemProps {
  row: RailRow;
  chosen: boolean;
  /** Where Tab arrives. */
  stop: boolean;
  tree: boolean;
  trans: TranslationBundle;
  onFocus: () => void;
  onClick: () => void;
  /** Its menu is asked for: what it offers is about this row. */
  onPoint: () => void;
}

/** One step of a rail, or a heading that steps are folded under. */
export function RailItem(props: RailItemProps): ReactElement {
  const { row, chosen, stop, tree, trans, onFocus, onClick, onPoint } = props;
  const { fold, problem, state, why } = row;
  return (
    <li
      role={tree ? 'treeitem' : 'option'}
      aria-selected={chosen}
      aria-expanded={fold ? fold === 'open' : undefined}
      aria-level={tree ? (row.inside ? 2 : 1) : undefined}
      aria-label={spoken(row, trans)}
      tabIndex={stop ? 0 : -1}
      className={look(row, chosen)}
      onFocus={onFocus}
      onClick={onClick}
      onContextMenu={onPoint}
    >
      {fold === 'open' && <Down />}
      {fold === 'closed' && <Right />}
      <Name className="jp-MlopsRail-name" name={row.name} />
      {why && <span className="jp-MlopsRail-why">{why}</span>}
      {problem && (
        <span className="jp-MlopsRail-problem" title={problem}>
          <Warning />
        </span>
      )}
      <span className="jp-MlopsRail-words" title={why ?? state.words}>
        {state.short ?? state.words}
      </span>
      <span className="jp-MlopsRail-icon" title={why ?? state.words}>
        <StateIcon state={state} />
      </span>
    </li>
  );
}

function look(row: RailRow, chosen: boolean): string {
  const kinds = ['jp-MlopsRail-row', chosen && 'jp-mod-selected', row.dim && 'jp-mod-dim'];
  return [...kinds, row.fold && 'jp-mod-fold'].filter(Boolean).join(' ');
}

function spoken(row: RailRow, trans: TranslationBundle): string {
  const problem = row.problem && trans.__('problem: %1', row.problem);
  return [row.name, row.state.words, row.why, problem].filter(Boolean).join(', ');
}
