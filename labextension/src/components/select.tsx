import type { ReactElement } from 'react';

import { Down } from './glyphs';

export interface Choice<T extends string> {
  value: T;
  label: string;
}

export interface SelectProps<T extends string> {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  disabled?: boolean;
  /** Without a frame, as in toolbars and headings. */
  bare?: boolean;
  onChange: (value: T) => void;
}

/** One of a few, chosen from a list. */
export function Select<T extends string>(props: SelectProps<T>): ReactElement {
  const { label, value, choices, disabled, bare, onChange } = props;
  return (
    <span className={bare ? 'jp-MlopsSelect jp-mod-bare' : 'jp-MlopsSelect'}>
      <select
        aria-label={label}
        title={label}
        value={value}
        disabled={disabled}
        onChange={event => onChange(event.target.value as T)}
      >
        {choices.map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Down />
    </span>
  );
}
