import { count, duration, size, times } from './quantity';

/** What a cell is in the pipeline, by its tags. */
export type Kind = 'step' | 'untagged' | 'skip' | 'parameters' | 'setup' | 'metrics';

/** Tags that decide alone what a cell is. */
export const SPECIAL: Readonly<Record<string, Kind>> = {
  skip: 'skip',
  parameters: 'parameters',
  'pipeline-parameters': 'parameters',
  'injected-parameters': 'parameters',
  imports: 'setup',
  functions: 'setup',
  setup: 'setup',
  'pipeline-metrics': 'metrics'
};

/** What tags say of a step, each as its author wrote it; empty is nothing said. */
export interface Facts {
  after: readonly string[];
  cpus: string;
  gpus: string;
  memory: string;
  /** The model of its GPUs, as the cluster calls it. */
  accelerator: string;
  retries: string;
  timeout: string;
  /** on, off, or how old a result may be. */
  cache: string;
  serial: boolean;
  /** Files and folders that it reads unseen. */
  data: readonly string[];
}

export type Fact = keyof Facts;
/** Facts that are one word. */
export type Word = Exclude<Fact, 'after' | 'data' | 'serial'>;

export const WORDS: readonly Word[] = ['cpus', 'gpus', 'memory', 'accelerator', 'retries', 'timeout', 'cache'];

export const NOTHING: Facts = {
  after: [],
  cpus: '',
  gpus: '',
  memory: '',
  accelerator: '',
  retries: '',
  timeout: '',
  cache: '',
  serial: false,
  data: []
};

/** What the tags of one cell say: what it is, of which step, and the facts. */
export interface Marks {
  kind: Kind;
  /** The tag that made it what it is, where that is no step's. */
  label: string;
  step: string | null;
  facts: Facts;
}

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,99}$/u;

/** Whether a step can be called so. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a fact can be written so; what it means is the compiler's to say. */
export const READS: Readonly<Record<Word, (text: string) => unknown>> = {
  cpus: count,
  gpus: count,
  memory: text => size(text),
  accelerator: text => (text.trim() ? text : null),
  retries: times,
  timeout: text => duration(text),
  cache: text => (/^(on|off|enabled|disabled)$/.test(text) ? text : duration(text, false))
};

/** One tag as what it says; null where it is none of ours, or says nothing that counts. */
type Said =
  | { field: 'name' | 'after' | 'data' | 'serial'; value: string }
  | { field: Word; value: string };

function said(tag: string): Said | null {
  if (tag === 'serial') {
    return { field: 'serial', value: '' };
  }
  const at = tag.indexOf(':');
  const [head, value] = at < 0 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)];
  switch (at < 0 ? '' : head) {
    case 'step':
    case 'block':
      return { field: 'name', value };
    case 'prev':
    case 'after':
      return { field: 'after', value };
    case 'limit':
      return limit(value);
    case 'data':
      return { field: 'data', value };
    default:
      return at >= 0 && isWord(head) ? { field: head, value } : null;
  }
}

function isWord(head: string): head is Word {
  return WORDS.some(word => word === head);
}

/** Kale's limits of what we have words for; the others stay as they are. */
function limit(text: string): Said | null {
  const at = text.lastIndexOf(':');
  const [key, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (key === 'cpu') {
    return { field: 'cpus', value };
  }
  if (key === 'gpu' || key.endsWith('/gpu')) {
    return { field: 'gpus', value };
  }
  // In Kale a bare number of bytes is one; here it has its unit.
  const bytes = key === 'memory' ? size(value, true) : null;
  return bytes === null ? null : { field: 'memory', value: size(value) === null ? `${value}B` : value };
}

function counts(one: Said): boolean {
  switch (one.field) {
    case 'serial':
      return true;
    case 'data':
      return one.value.trim() !== '';
    case 'name':
    case 'after':
      return isName(one.value);
    default:
      return READS[one.field](one.value) !== null;
  }
}

/** What the tags of a cell say; the first word on a fact counts, and what is wrong says nothing. */
export function readTags(tags: readonly string[]): Marks {
  const special = tags.findIndex(tag => Object.hasOwn(SPECIAL, tag));
  const found = (special < 0 ? tags : tags.slice(0, special)).flatMap(tag => said(tag) ?? []).filter(counts);
  const first = (field: Said['field']): string => found.find(one => one.field === field)?.value ?? '';
  const all = (field: Said['field']): string[] => [
    ...new Set(found.flatMap(one => (one.field === field ? [one.value] : [])))
  ];
  const facts: Facts = {
    after: all('after'),
    cpus: first('cpus'),
    gpus: first('gpus'),
    memory: first('memory'),
    accelerator: first('accelerator'),
    retries: first('retries'),
    timeout: first('timeout'),
    cache: first('cache').replace('enabled', 'on').replace('disabled', 'off'),
    serial: found.some(one => one.field === 'serial'),
    data: all('data')
  };
  const label = tags[special] ?? '';
  const name = first('name');
  const kind = SPECIAL[label] ?? (name ? 'step' : 'untagged');
  return { kind, label, step: kind === 'step' ? name : null, facts };
}

/** What a cell shall be: a step's, with its facts; or what its label says; or nothing. */
export interface Wanted {
  label: string;
  step: string | null;
  facts: Facts;
}

/**
 * The tags that say what is wanted. What they said before stays as it is written, where it still
 * holds; tags of others stay where they are.
 */
export function writeTags(tags: readonly string[], wanted: Wanted): string[] {
  const now = readTags(tags);
  const facts = wanted.step === null ? NOTHING : wanted.facts;
  const fresh = new Map<string, string[]>();
  const keeps = new Set<string>();
  const put = (field: string, same: boolean, written: string[]): void => {
    if (same) {
      keeps.add(field);
    } else {
      fresh.set(field, written);
    }
  };
  put('label', now.label === wanted.label, wanted.label ? [wanted.label] : []);
  put('name', now.step === wanted.step, wanted.step ? [`step:${wanted.step}`] : []);
  const same = now.facts.after.join() === facts.after.join();
  put('after', same, facts.after.map(name => `prev:${name}`));
  for (const field of WORDS) {
    put(field, now.facts[field] === facts[field], facts[field] ? [`${field}:${facts[field]}`] : []);
  }
  put('serial', now.facts.serial === facts.serial, facts.serial ? ['serial'] : []);
  put('data', now.facts.data.join() === facts.data.join(), facts.data.map(path => `data:${path}`));
  const take = (field: string): string[] => {
    const written = fresh.get(field) ?? [];
    fresh.delete(field);
    return written;
  };
  const written = tags.flatMap(tag => {
    const field = Object.hasOwn(SPECIAL, tag) ? 'label' : said(tag)?.field;
    return field === undefined || keeps.has(field) ? [tag] : take(field);
  });
  // A tag that decides alone stands first: what is above it is not looked at by Kale.
  const label = take('label');
  return [...label, ...written, ...[...fresh.values()].flat()];
}
