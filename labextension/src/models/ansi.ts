/** A piece of a printed line in one look; `look` are JupyterLab's class names for it. */
export interface Piece {
  text: string;
  look: string;
}

export type Line = readonly Piece[];

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
// Links and titles, other sequences, single escapes, and what else no screen shows.
const SEQUENCE =
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[@-_]?|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]/g;

interface Look {
  fg: string | null;
  bg: string | null;
  bold: boolean;
  underline: boolean;
  inverse: boolean;
}

const PLAIN: Look = { fg: null, bg: null, bold: false, underline: false, inverse: false };

/** The last `most` lines of what a terminal would show, in its colours; links are their text. */
export function lines(text: string, most = Infinity): { lines: Line[]; above: number } {
  const all = text.replace(/\r\n/g, '\n').split('\n');
  if (all.at(-1) === '') {
    all.pop();
  }
  const above = Math.max(0, all.length - most);
  let look = PLAIN;
  const shown = all.slice(above).map(raw => {
    // A return begins the line anew: of a progress bar its last state is left.
    const parts = raw.split('\r').filter(Boolean);
    let line: Piece[] = [];
    for (const part of parts) {
      [line, look] = pieces(part, look);
    }
    return line;
  });
  return { lines: shown, above };
}

/** The text alone, without what only terminals understand. */
export function plain(text: string): string {
  return text.replace(SEQUENCE, '');
}

/** What a line says, without its looks. */
export function textOf(line: Line): string {
  return line.map(piece => piece.text).join('');
}

function pieces(raw: string, before: Look): [Piece[], Look] {
  const found: Piece[] = [];
  let look = before;
  let at = 0;
  const add = (text: string): void => {
    const last = found.at(-1);
    const classes = classesOf(look);
    if (last?.look === classes) {
      last.text += text;
    } else if (text) {
      found.push({ text, look: classes });
    }
  };
  for (const match of raw.matchAll(SEQUENCE)) {
    add(raw.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === 'm') {
      look = changed(look, match[1] ?? '');
    }
  }
  add(raw.slice(at));
  return [found, look];
}

function changed(look: Look, codes: string): Look {
  const numbers = codes.split(/[;:]/).map(Number);
  let now = look;
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    if (code === 38 || code === 48) {
      // 256 colours and more: the sixteen that have a name in the theme are kept.
      const few = numbers[at + 1] === 5;
      const colour = few ? named(numbers[at + 2] ?? -1) : null;
      now = { ...now, [code === 38 ? 'fg' : 'bg']: colour };
      at += few ? 2 : 4;
      continue;
    }
    now = one(now, code);
  }
  return now;
}

function one(look: Look, code: number): Look {
  const tens = Math.floor(code / 10);
  const name = NAMES[code % 10] ?? null;
  switch (true) {
    case code === 0:
      return PLAIN;
    case code === 1:
      return { ...look, bold: true };
    case code === 22:
      return { ...look, bold: false };
    case code === 4 || code === 24:
      return { ...look, underline: code === 4 };
    case code === 7 || code === 27:
      return { ...look, inverse: code === 7 };
    case tens === 3:
      return { ...look, fg: name };
    case tens === 4:
      return { ...look, bg: name };
    case tens === 9:
      return { ...look, fg: name && `${name}-intense` };
    case tens === 10:
      return { ...look, bg: name && `${name}-intense` };
    default:
      return look;
  }
}

function named(number: number): string | null {
  return NAMES[number] ?? (number >= 8 && number < 16 ? `${NAMES[number - 8]}-intense` : null);
}

function classesOf(look: Look): string {
  const { inverse, bold, underline } = look;
  const [fg, bg] = inverse
    ? [look.bg ?? 'default-inverse', look.fg ?? 'default-inverse']
    : [look.fg, look.bg];
  const parts = [
    fg && `ansi-${fg}-fg`,
    bg && `ansi-${bg}-bg`,
    bold && 'ansi-bold',
    underline && 'ansi-underline'
  ];
  return parts.filter(Boolean).join(' ');
}
