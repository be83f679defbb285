import type { ReactElement } from 'react';

import { Down, Right } from '../components/glyphs';
import { Name } from '../components/name';
import { StateIcon } from '../components/state';
import { expected, fateState, firstCause } from '../models/explainwords';
import type { PlanRow } from '../models/planrows';
import type { StepFate } from '../tokens';
import type { ExplainPartProps } from './explainview';

export interface RowProps {
  row: PlanRow;
  chosen: boolean;
  /** Where Tab arrives. */
  stop: boolean;
  /** Some lines can be opened. */
  tree: boolean;
  trans: ExplainPartProps['trans'];
  onFocus: () => void;
  onClick: () => void;
  onOpen: () => void;
}

/** One step of a plan with its first cause, or cached neighbours in one line. */
export function ExplainRow(props: RowProps): ReactElement | null {
  const { row, chosen, stop, tree, trans, onFocus, onClick, onOpen } = props;
  const { fold, inside } = row;
  const step = row.steps[0];
  if (!step) {
    return null;
  }
  const state = fateState(step, trans);
  const count = row.steps.length;
  const words = fold
    ? [trans._n('%1 cached step', '%1 cached steps', count)]
    : [step.name, state.words, firstCause(step, trans), step.where, expected(step, trans)];
  const kinds = [
    'jp-MlopsExplain-row',
    chosen && 'jp-mod-selected',
    fold && 'jp-mod-fold',
    step.fate !== 'run' && 'jp-mod-quiet'
  ];
  return (
    <li
      role={tree ? 'treeitem' : 'option'}
      aria-selected={chosen}
      aria-expanded={fold ? fold === 'open' : undefined}
      aria-level={tree ? (inside ? 2 : 1) : undefined}
      aria-label={words.filter(Boolean).join(', ')}
      tabIndex={stop ? 0 : -1}
      className={kinds.filter(Boolean).join(' ')}
      onFocus={onFocus}
      onClick={onClick}
      onDoubleClick={fold ? undefined : onOpen}
    >
      {fold ? (
        <span>
          {fold === 'open' ? <Down /> : <Right />}
          <StateIcon state={state} />
          {words}
        </span>
      ) : (
        <Cells step={step} trans={trans} />
      )}
    </li>
  );
}

function Cells({ step, trans }: { step: StepFate; trans: RowProps['trans'] }): ReactElement {
  const state = fateState(step, trans);
  const why = firstCause(step, trans);
  return (
    <>
      <span>
        <Name name={step.name} />
      </span>
      <span>
        <StateIcon state={state} />
        {state.words}
      </span>
      <span title={step.why.map(one => one.text).join('\n') || why}>{why}</span>
      <span title={step.where}>{step.where}</span>
      <span>{expected(step, trans)}</span>
    </>
  );
}
