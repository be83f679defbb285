import { type KeyboardEvent, type ReactElement, useId, useState } from 'react';

import { Close } from '../components/glyphs';
import { middle } from '../models/words';

/** Longer ones lose their middle. */
const LONGEST = 30;

export interface TextProps {
  label: string;
  value: string;
  /** What stands behind it, such as its unit. */
  unit?: string;
  hint?: string;
  wrong?: boolean;
  /** What it may be completed to. */
  known?: readonly string[];
  field: string;
  onChange: (text: string) => void;
}

/** A field of one line. */
export function Text(props: TextProps): ReactElement {
  const { label, value, unit, hint, wrong, known, field, onChange } = props;
  const list = useId();
  // A unit that was typed stands for itself.
  const bare = /^[\d.]*$/.test(value);
  return (
    <span className={wrong ? 'jp-MlopsInput jp-mod-wrong' : 'jp-MlopsInput'}>
      <input
        type="text"
        data-field={field}
        aria-label={label}
        aria-invalid={wrong || undefined}
        title={label}
        placeholder={hint}
        spellCheck={false}
        autoComplete="off"
        list={known?.length ? list : undefined}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
      {known && (
        <datalist id={list}>
          {known.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      {unit && bare && <span className="jp-MlopsForm-type">{unit}</span>}
    </span>
  );
}

export interface SeveralProps {
  label: string;
  field: string;
  said: readonly string[];
  /** What it may be completed to. */
  known?: readonly string[];
  hint: string;
  /** What it is for, where that isn't plain. */
  help?: string;
  /** Whether one can be so. */
  fits: (text: string) => boolean;
  /** What the button is called that takes one away. */
  without: (one: string) => string;
  onChange: (said: readonly string[]) => void;
}

/** Several of a kind, each of which can go, and a field for one more. */
export function Several(props: SeveralProps): ReactElement {
  const { label, field, said, known = [], hint, help, fits, without, onChange } = props;
  const [text, setText] = useState('');
  const list = useId();
  const add = (typed: string): void => {
    const more = typed.split(',').map(one => one.trim()).filter(fits);
    setText('');
    if (more.length) {
      onChange([...new Set([...said, ...more])]);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if ((event.key === 'Enter' || event.key === ',') && text.trim()) {
      event.preventDefault();
      event.stopPropagation();
      add(text);
    } else if (event.key === 'Backspace' && !text) {
      onChange(said.slice(0, -1));
    }
  };
  return (
    <span className="jp-MlopsInput jp-mod-names">
      {said.map(one => (
        <span key={one} className="jp-MlopsToken">
          <span title={one}>{middle(one, LONGEST)}</span>
          <button
            type="button"
            aria-label={without(one)}
            onClick={() => onChange(said.filter(other => other !== one))}
          >
            <Close />
          </button>
        </span>
      ))}
      <input
        type="text"
        data-field={field}
        aria-label={label}
        title={help}
        placeholder={hint}
        spellCheck={false}
        autoComplete="off"
        list={list}
        value={text}
        onChange={event => {
          // What was taken from the list is whole.
          const { inputType } = event.nativeEvent as InputEvent;
          const picked = inputType === undefined || inputType === 'insertReplacementText';
          if (picked && known.includes(event.target.value)) {
            add(event.target.value);
          } else {
            setText(event.target.value);
          }
        }}
        onKeyDown={onKeyDown}
        onBlur={() => text && add(text)}
      />
      <datalist id={list}>
        {known
          .filter(one => !said.includes(one))
          .map(one => (
            <option key={one} value={one} />
          ))}
      </datalist>
    </span>
  );
}
