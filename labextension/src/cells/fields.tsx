import type { TranslationBundle } from '@jupyterlab/translation';
import { type KeyboardEvent, type ReactElement, useId, useState } from 'react';

import { Close } from '../components/glyphs';
import { isName } from './tags';

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

export interface NamesProps {
  label: string;
  names: readonly string[];
  known: readonly string[];
  trans: TranslationBundle;
  onChange: (names: readonly string[]) => void;
}

/** Several names, each of which can go, and a field for one more. */
export function NameList({ label, names, known, trans, onChange }: NamesProps): ReactElement {
  const [text, setText] = useState('');
  const list = useId();
  const add = (name: string): void => {
    const said = name.trim();
    setText('');
    if (isName(said) && !names.includes(said)) {
      onChange([...names, said]);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if ((event.key === 'Enter' || event.key === ',') && text.trim()) {
      event.preventDefault();
      event.stopPropagation();
      add(text);
    } else if (event.key === 'Backspace' && !text) {
      onChange(names.slice(0, -1));
    }
  };
  return (
    <span className="jp-MlopsInput jp-mod-names">
      {names.map(name => (
        <span key={name} className="jp-MlopsToken">
          <span>{name}</span>
          <button
            type="button"
            aria-label={trans.__('Not after %1', name)}
            onClick={() => onChange(names.filter(other => other !== name))}
          >
            <Close />
          </button>
        </span>
      ))}
      <input
        type="text"
        data-field="after"
        aria-label={label}
        placeholder={trans.__('Add a step')}
        spellCheck={false}
        autoComplete="off"
        list={list}
        value={text}
        onChange={event => {
          // A name that was taken from the list is whole.
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
          .filter(name => !names.includes(name))
          .map(name => (
            <option key={name} value={name} />
          ))}
      </datalist>
    </span>
  );
}
