import { WORDS } from './tags';

/** The line `%%mlops step …` of a cell: where it stands, and the tags that it stands for. */
export interface StepLine {
  start: number;
  end: number;
  text: string;
  tags: string[];
}

const LINE = /^((?:[ \t]*\n)*)(%%mlops[ \t]+step\b)([^\n]*)/;
/** What takes a value; tests/cases/marks.json holds the compiler to the same. */
export const OPTIONS: readonly string[] = ['after', ...WORDS, 'data'];
export const FLAGS: readonly string[] = ['serial'];

/** The line at the top of a cell that says what tags say; null where there is none. */
export function stepLine(source: string): StepLine | null {
  const found = source.includes('%%mlops') ? LINE.exec(source) : null;
  if (!found) {
    return null;
  }
  const start = (found[1] ?? '').length;
  const text = `${found[2] ?? ''}${found[3] ?? ''}`;
  return { start, end: start + text.length, text, tags: tagsOf(words(found[3] ?? '').words) };
}

function tagsOf(said: readonly string[]): string[] {
  const names: string[] = [];
  const tags: string[] = [];
  for (let at = 0; at < said.length; at++) {
    const word = said[at] ?? '';
    if (!word.startsWith('--')) {
      names.push(`step:${word}`);
      continue;
    }
    const equals = word.indexOf('=');
    const option = equals < 0 ? word.slice(2) : word.slice(2, equals);
    if (FLAGS.includes(option)) {
      tags.push(option);
    } else if (OPTIONS.includes(option)) {
      const value = equals < 0 ? (said[++at] ?? '') : word.slice(equals + 1);
      const parts = option === 'after' ? value.split(',') : [value];
      tags.push(...parts.map(part => `${option}:${part}`));
    }
  }
  return [...names.slice(0, 1), ...tags];
}

/** The line that stands for these tags; a comment at its end stays. */
export function written(line: StepLine, tags: readonly string[]): string {
  const { comment } = words(line.text.replace(/^%%mlops[ \t]+step\b/, ''));
  const name = valueOf(tags, 'step') ?? valueOf(tags, 'block');
  const after = tags.flatMap(tag => /^(?:after|prev):(.+)$/.exec(tag)?.[1] ?? []);
  const rest = tags.flatMap(tag => {
    const [head = '', ...value] = tag.split(':');
    if (FLAGS.includes(tag)) {
      return [`--${tag}`];
    }
    return OPTIONS.includes(head) && head !== 'after' ? [`--${head} ${quoted(value.join(':'))}`] : [];
  });
  const parts = ['%%mlops step', name, after.length ? `--after ${after.join(',')}` : '', ...rest];
  return [...parts, comment].filter(Boolean).join(' ');
}

function valueOf(tags: readonly string[], head: string): string | undefined {
  return tags.find(tag => tag.startsWith(`${head}:`))?.slice(head.length + 1);
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`;
}

/** The words of a shell's line, and the comment behind them. */
function words(text: string): { words: string[]; comment: string } {
  const found: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (quote) {
      if (letter === quote) {
        quote = '';
      } else if (letter === '\\' && quote === '"' && at + 1 < text.length) {
        word += text[++at] ?? '';
      } else {
        word += letter;
      }
    } else if (letter === '#') {
      return { words: word === null ? found : [...found, word], comment: text.slice(at) };
    } else if (/\s/.test(letter)) {
      if (word !== null) {
        found.push(word);
        word = null;
      }
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else {
      word = (word ?? '') + (letter === '\\' ? (text[++at] ?? '') : letter);
    }
  }
  return { words: word === null ? found : [...found, word], comment: '' };
}
