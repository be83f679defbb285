import type { Contents } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject, ReadonlyPartialJSONValue } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { RunOptions } from '../tokens';
import type { Entry } from './parameterform';
import { isReference } from './parameters';

/** How the runs of a notebook are wanted. */
export interface Wish {
  options: Omit<RunOptions, 'params'>;
  entries: Readonly<Record<string, Entry>>;
}

/** A notebook's path, and its wish. */
type Of = readonly [path: string, wish: Wish];
type Move = (wishes: readonly Of[]) => readonly Of[];

/** Notebooks that are remembered: those whose wishes were changed last. */
const MOST = 100;
/** What is found under such a name isn't to be found on a disk. */
const SECRET =
  /secret|token|passw|passphrase|pwd|dsn|credential|auth(?!ors?(_|$))|(api|private|access)_?key/i;
/** An address with a password in it: such a text isn't either, whatever its name. */
const ADDRESS = /:\/\/[^\s:]*:\S*@/;
/** What of the options lasts; that results don't count is meant for once. */
const OPTIONS = ['executor', 'workers', 'split', 'keep_failed'] as const;
const KINDS = ['int', 'float', 'str', 'bool', 'other'];
export const NONE: Wish = { options: {}, entries: {} };

/** How the runs of each notebook were wanted last; there again after a reload. */
export class Kept {
  constructor(
    private readonly state: IStateDB | null,
    private readonly key: string,
    files?: ISignal<unknown, Contents.IChangedArgs>
  ) {
    files?.connect((_, { type, oldValue, newValue }) => {
      const to = type === 'rename' ? newValue?.path : null;
      if (oldValue?.path && to !== undefined && (type === 'rename' || type === 'delete')) {
        this.move(oldValue.path, to);
      }
    });
    this.ready = this.fetch().catch((reason: unknown) => console.warn('mlops:', reason));
  }

  /** What was kept before this page was loaded is there. */
  readonly ready: Promise<void>;

  of(path: string): Wish {
    return this.wishes.get(path) ?? NONE;
  }

  keep(path: string, wish: Wish): void {
    this.wishes.delete(path);
    if (Object.keys(wish.options).length || Object.keys(wish.entries).length) {
      this.wishes.set(path, wish);
    }
    this.store();
  }

  /** A file, or folder, has another name now, or none: it is deleted. */
  private move(from: string, to: string | null): void {
    const move: Move = wishes => {
      const moves = (path: string): boolean => path === from || path.startsWith(`${from}/`);
      const gone = wishes.filter(([path]) => moves(path));
      const others = wishes.filter(([path]) => !moves(path));
      const there = gone.map(([path, one]) => [`${to}${path.slice(from.length)}`, one] as const);
      return to === null ? others : [...others, ...there];
    };
    this.early?.push(move);
    this.wishes = new Map(move([...this.wishes]));
    this.store();
  }

  private store(): void {
    void this.ready.then(() => {
      const last = [...this.wishes].slice(-MOST);
      return this.state?.save(this.key, Object.fromEntries(last.map(([at, one]) => [at, told(one)])));
    });
  }

  private async fetch(): Promise<void> {
    const found = object(await this.state?.fetch(this.key));
    const before = Object.entries(found).map(([path, one]) => [path, heard(object(one))] as const);
    const now = (this.early ?? []).reduce<readonly Of[]>((wishes, move) => move(wishes), before);
    // What was said meanwhile is newer.
    this.wishes = new Map([...now, ...this.wishes]);
    this.early = null;
  }

  /** What has moved before it was known what was kept. */
  private early: Move[] | null = [];

  private wishes = new Map<string, Wish>();
}

/** As it is stored: what lasts, and no secret. */
function told({ options, entries }: Wish): ReadonlyPartialJSONObject {
  const open = Object.entries(entries).filter(
    ([name, { text }]) => isReference(text) || !(SECRET.test(name) || ADDRESS.test(text))
  );
  const parameters = Object.fromEntries(open.map(([name, { text, kind }]) => [name, { text, kind }]));
  const lasting = OPTIONS.flatMap(name => (options[name] == null ? [] : [[name, options[name]]]));
  return { options: Object.fromEntries(lasting), parameters };
}

/** As it was stored, perhaps by another version. */
function heard(stored: ReadonlyPartialJSONObject): Wish {
  const before = object(stored.options);
  const options = OPTIONS.flatMap(name => {
    const value = before[name];
    const fits = name === 'workers' ? Number.isInteger(value) : typeof value === 'string';
    return fits ? [[name, value]] : [];
  });
  const entries = Object.entries(object(stored.parameters)).flatMap(([name, one]) => {
    const { text, kind } = object(one);
    const fits = typeof text === 'string' && KINDS.includes(String(kind));
    return fits ? [[name, { text, kind } as Entry] as const] : [];
  });
  return { options: Object.fromEntries(options), entries: Object.fromEntries(entries) };
}

function object(value: ReadonlyPartialJSONValue | undefined): ReadonlyPartialJSONObject {
  const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
  return fits ? (value as ReadonlyPartialJSONObject) : {};
}
