import type { ReactElement } from 'react';

import { Glyph } from './glyphs';

// Icons that only pages about runs use.

export const Search = (): ReactElement => (
  <Glyph>
    <circle cx="7" cy="7" r="4.25" />
    <path d="M10.2 10.2l3.3 3.3" />
  </Glyph>
);

export const Goto = (): ReactElement => (
  <Glyph>
    <path d="M4 3v6.5h8M9.5 7l2.5 2.5L9.5 12" />
  </Glyph>
);

export const Compare = (): ReactElement => (
  <Glyph>
    <path d="M3 5.5h9.5M10 3l2.5 2.5L10 8M13 10.5H3.5M6 8L3.5 10.5 6 13" />
  </Glyph>
);

export const Notebook = (): ReactElement => (
  <Glyph>
    <path d="M3.5 2.5h9v11h-9zM6 2.5v11" />
  </Glyph>
);

export const Trash = (): ReactElement => (
  <Glyph>
    <path d="M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4" />
  </Glyph>
);

export const Copy = (): ReactElement => (
  <Glyph>
    <path d="M5.5 5.5h7.5v8H5.5zM10.5 5.5v-3H3v8h2.5" />
  </Glyph>
);
