import type { Parameter } from '../tokens';

/** How a parameter is edited. */
export type Kind = 'int' | 'float' | 'str' | 'bool' | 'other';

/** What was typed: a value, or what it needs to be one. */
export type Typed = { value: unknown } | { needs: 'whole' | 'number' | 'json' };

/** How a parameter is edited: as its type says, else as its default looks. */
export function kindOf({ kind, default: source }: Pick<Parameter, 'kind' | 'default'>): Kind {
  const told = (kind ?? '').toLowerCase().replace(/^optional\[(.*)\]$/, '$1');
  switch (told) {
    case 'int':
    case 'float':
    case 'str':
    case 'bool':
      return told;
    case 'string':
      return 'str';
    case '':
    case 'none':
      return looksLike(source.trim());
    default:
      return 'other';
  }
}

function looksLike(source: string): Kind {
  if (/^(True|False)$/.test(source)) {
    return 'bool';
  }
  if (/^[+-]?\d[\d_]*$/.test(source)) {
    return 'int';
  }
  if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(source)) {
    return 'float';
  }
  return unquoted(source) === null ? 'other' : 'str';
}

/** A default as it is edited: a text without its quotes, all else as in the code. */
export function shown(parameter: Pick<Parameter, 'kind' | 'default'>): string {
  const source = parameter.default.trim();
  return kindOf(parameter) === 'str' ? (unquoted(source) ?? source) : source;
}

/** A value as it is edited. */
export function edited(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Whether a text only names an environment variable, which any parameter takes. */
export function isReference(text: string): boolean {
  return text.startsWith('env:');
}

/** What was typed for a parameter of that kind. */
export function typed(text: string, kind: Kind): Typed {
  const trimmed = text.trim();
  if (isReference(trimmed)) {
    return { value: trimmed };
  }
  switch (kind) {
    case 'str':
      return { value: text };
    case 'bool':
      return { value: /^(true|1)$/i.test(trimmed) };
    case 'int':
      return /^[+-]?\d[\d_]*$/.test(trimmed)
        ? { value: Number(trimmed.replaceAll('_', '')) }
        : { needs: 'whole' };
    case 'float': {
      const number = Number(trimmed.replaceAll('_', ''));
      return trimmed && Number.isFinite(number) ? { value: number } : { needs: 'number' };
    }
    case 'other':
      return literal(trimmed);
  }
}

/** JSON, or Python's literals where they differ from it only in how they are written. */
function literal(text: string): Typed {
  const names: Record<string, string> = { True: 'true', False: 'false', None: 'null' };
  const pythonic = text
    .replace(/'((?:[^'\\"]|\\[^'])*)'/g, '"$1"')
    .replace(/\b(True|False|None)\b/g, name => names[name] ?? name)
    .replace(/^\((.*?),?\)$/s, '[$1]');
  for (const one of [text, pythonic]) {
    try {
      return { value: JSON.parse(one) as unknown };
    } catch {
      // The other way of writing it may do.
    }
  }
  return { needs: 'json' };
}

function unquoted(source: string): string | null {
  const found = /^(['"])((?:(?!\1)[^\\\n]|\\.)*)\1$/.exec(source);
  return found ? (found[2] ?? '').replace(/\\(['"\\])/g, '$1') : null;
}
