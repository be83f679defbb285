import { type ReactElement, useMemo, useRef } from 'react';

import { type Edge, lanes } from '../components/lanes';
import { APART, NAMES, RailPicture } from '../components/railpicture';
import { useRoving } from '../components/roving';
import { StateIcon } from '../components/state';
import { expected, fateState, firstCause } from '../models/explainwords';
import type { StepFate } from '../tokens';
import type { ExplainPartProps } from './explainview';

/** The height of a row, as in the style sheet. */
const ROW = 32;

/** Each step with its first cause, on the rail; one Tab stop. */
export function ExplainTable({ model, plan, commands, trans }: ExplainPartProps): ReactElement {
  const { steps } = plan;
  const pairs = model.view?.edges;
  const said = steps.map(step => step.name).join('\n');
  const found = useMemo(() => {
    const names = said.split('\n');
    const places = new Map(names.map((name, at) => [name, at]));
    const edges = (pairs ?? []).map(([a, b]): Edge => [places.get(a) ?? -1, places.get(b) ?? -1]);
    return lanes(
      names.length,
      edges.filter(([a, b]) => a >= 0 && b >= 0)
    );
  }, [said, pairs]);
  const list = useRef<HTMLOListElement>(null);
  const chosen = steps.findIndex(step => step.name === model.selected);
  const names = steps.map(step => step.name);
  const { stop, setStop, onKey } = useRoving(list, names, chosen);
  const open = (name: string): void => {
    const cell = model.view?.steps.find(step => step.name === name)?.cells[0];
    if (cell !== undefined) {
      void commands.execute('mlops:go-to-cell', { path: model.path, cell });
    }
  };
  const places = steps.some(step => step.where);
  const width = { '--jp-mlops-names': `${NAMES + APART * found.width}px` } as React.CSSProperties;
  return (
    <div className={places ? 'jp-MlopsExplain' : 'jp-MlopsExplain jp-mod-nowhere'} style={width}>
      <div className="jp-MlopsExplain-row jp-mod-head" aria-hidden="true">
        <span>{trans.__('Step')}</span>
        <span>{trans.__('Plan')}</span>
        <span>{trans.__('Why')}</span>
        <span>{trans.__('Where')}</span>
        <span>{trans.__('Expected')}</span>
      </div>
      <ol
        ref={list}
        role="listbox"
        aria-label={trans.__('Plan')}
        onKeyDown={event => {
          const step = steps[stop];
          if (step && (event.key === 'Enter' || event.key === ' ')) {
            (event.key === 'Enter' ? open : (name: string) => model.select(name))(step.name);
          } else if (event.ctrlKey || event.metaKey || event.altKey || !onKey(event)) {
            return;
          }
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <RailPicture
          lanes={found}
          row={ROW}
          colours={steps.map(step => model.colourOf(step.name))}
          lit={chosen}
        />
        {steps.map((step, at) => (
          <Row
            key={step.name}
            step={step}
            chosen={at === chosen}
            stop={at === stop}
            trans={trans}
            onFocus={() => setStop(at)}
            onClick={() => model.select(step.name)}
            onOpen={() => open(step.name)}
          />
        ))}
      </ol>
    </div>
  );
}

interface RowProps {
  step: StepFate;
  chosen: boolean;
  /** Where Tab arrives. */
  stop: boolean;
  trans: ExplainPartProps['trans'];
  onFocus: () => void;
  onClick: () => void;
  onOpen: () => void;
}

function Row({ step, chosen, stop, trans, onFocus, onClick, onOpen }: RowProps): ReactElement {
  const state = fateState(step, trans);
  const why = firstCause(step, trans);
  const time = expected(step, trans);
  const kinds = [
    'jp-MlopsExplain-row',
    chosen && 'jp-mod-selected',
    step.fate !== 'run' && 'jp-mod-quiet'
  ];
  return (
    <li
      role="option"
      aria-selected={chosen}
      aria-label={[step.name, state.words, why, step.where, time].filter(Boolean).join(', ')}
      tabIndex={stop ? 0 : -1}
      className={kinds.filter(Boolean).join(' ')}
      onFocus={onFocus}
      onClick={onClick}
      onDoubleClick={onOpen}
    >
      <span title={step.name}>{step.name}</span>
      <span>
        <StateIcon state={state} />
        {state.words}
      </span>
      <span title={step.why.map(one => one.text).join('\n') || why}>{why}</span>
      <span title={step.where}>{step.where}</span>
      <span>{time}</span>
    </li>
  );
}
