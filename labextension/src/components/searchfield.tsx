import type { ReactElement } from 'react';

import { Search } from './runglyphs';

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The next match is wanted, or the one before. */
  onEnter?: (back: boolean) => void;
}

/** A field to look for words; Escape empties it. */
export function SearchField({ label, value, onChange, onEnter }: SearchFieldProps): ReactElement {
  return (
    <span className="jp-MlopsInput jp-MlopsSearch">
      <Search />
      <input
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={event => onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && value) {
            onChange('');
            event.stopPropagation();
          } else if (event.key === 'Enter') {
            onEnter?.(event.shiftKey);
            event.preventDefault();
          }
        }}
      />
    </span>
  );
}
