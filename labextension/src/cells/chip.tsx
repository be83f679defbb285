import type { TranslationBundle } from '@jupyterlab/translation';
import { type KeyboardEvent, memo, type ReactElement } from 'react';

import { Skipped } from '../components/glyphs';
import { StateIcon } from '../components/state';
import { middle } from '../models/words';
import type { StateKind } from '../tokens';
import type { Shown } from './layout';

/** Longer names lose their middle; the whole one stands in the title. */
const LONGEST = 40;

export interface ChipProps {
  chip: Exclude<Shown['chip'], null>;
  name: string;
  role: Shown['role'];
  state: StateKind;
  words: string;
  progress?: number | undefined;
  /** What the step reads and writes, in one line. */
  flow: string;
  /** Why it would run, in full. */
  why: string;
  selected: boolean;
  /** Whether Tab stops here: at the active cell. */
  stop: boolean;
  trans: TranslationBundle;
  onSelect: (chip: HTMLElement, name: string | null) => void;
  onOpen: (chip: HTMLElement) => void;
}

/** What a cell is in the pipeline: its step's name and state, above the input. */
export const Chip = memo(function Chip(props: ChipProps): ReactElement {
  const { chip, name, role, state, words, progress, flow, why, selected, stop, trans } = props;
  const step = role === 'step';
  const kinds = ['jp-MlopsChip', selected && 'jp-mod-selected', !step && 'jp-mod-quiet'];
  const says = chip === 'again' ? trans.__('goes on') : chip === 'step' ? words : '';
  const meaning = step ? why : meaningOf(role, name, trans);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Enter') {
        props.onOpen(event.currentTarget);
      } else if (step) {
        props.onSelect(event.currentTarget, name);
      }
    }
  };
  return (
    <>
      <button
        type="button"
        className={kinds.filter(Boolean).join(' ')}
        tabIndex={stop ? 0 : -1}
        aria-label={[name, says].filter(Boolean).join(', ')}
        title={[name, meaning].filter(Boolean).join('\n')}
        // The mouse chooses, and leaves the keyboard with the cell.
        onMouseDown={event => event.button === 0 && event.preventDefault()}
        onClick={event => props.onSelect(event.currentTarget, step ? name : null)}
        onDoubleClick={event => props.onOpen(event.currentTarget)}
        onKeyDown={onKeyDown}
      >
        {step ? <span className="jp-MlopsChip-dot" /> : role === 'skip' && <Skipped />}
        <span>{middle(name, LONGEST)}</span>
        {chip === 'again' && <span className="jp-MlopsMuted">{says}</span>}
        {chip === 'step' && (state !== 'none' || words) && (
          <>
            <span className="jp-MlopsChip-line" />
            <StateIcon state={{ kind: state, ...(progress !== undefined && { progress }) }} />
            <span className="jp-MlopsNumber">{words}</span>
          </>
        )}
      </button>
      {flow && <span className="jp-MlopsHead-flow">{flow}</span>}
    </>
  );
});

/** What becomes of a cell that is no step's. */
function meaningOf(role: Shown['role'], name: string, trans: TranslationBundle): string {
  switch (role) {
    case 'skip':
      return trans.__('Left out of the pipeline');
    case 'parameters':
      return trans.__('What a run can set');
    case 'setup':
      return name === 'functions'
        ? trans.__('Known to every step that uses what is defined here')
        : trans.__('Run where it stands, for every step that uses it');
    default:
      return '';
  }
}
