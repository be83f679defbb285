import type { INotebookModel } from '@jupyterlab/notebook';

import type { CellSaid } from './said';
import { written } from './stepline';
import { NOTHING, type Wanted, writeTags } from './tags';

/** What becomes of one cell: other tags, or another text from one place to another. */
export interface Change {
  cell: number;
  tags?: readonly string[];
  source?: { start: number; end: number; text: string };
}

/** The cells that one edit is about, by their places; the first takes what is said of the step. */
export type Scope = readonly number[];

/**
 * The changes that make the cells of a scope what is wanted. A step that is renamed is so for
 * those that wait for it too.
 */
export function changes(
  cells: readonly CellSaid[],
  scope: Scope,
  wanted: Wanted,
  renamed: string | null = null
): Change[] {
  const [first, ...others] = scope;
  const found = new Map<number, Wanted>();
  if (first !== undefined) {
    found.set(first, wanted);
  }
  for (const cell of others) {
    found.set(cell, { ...wanted, step: needsName(cells, scope, cell) ? wanted.step : null, facts: NOTHING });
  }
  const to = wanted.step;
  if (renamed !== null && to !== null && renamed !== to) {
    cells.forEach(({ marks: { label, step, facts } }, cell) => {
      if (!found.has(cell) && facts.after.includes(renamed)) {
        const after = facts.after.map(name => (name === renamed ? to : name));
        found.set(cell, { label, step, facts: { ...facts, after } });
      }
    });
  }
  return [...found].flatMap(([cell, want]) => changed(cells[cell], cell, want));
}

/** Whether a cell would not join the cells above it in the scope by itself. */
function needsName(cells: readonly CellSaid[], scope: Scope, cell: number): boolean {
  const before = [...scope].filter(other => other < cell).at(-1) ?? cell;
  const between = cells.slice(before + 1, cell);
  return between.some(one => one.code && !one.empty && one.marks.kind !== 'skip');
}

function changed(said: CellSaid | undefined, cell: number, wanted: Wanted): Change[] {
  if (!said?.code) {
    return [];
  }
  const change: Change = { cell };
  // Where a line says what the cell is, the line goes on doing so.
  const { line } = said;
  if (line && wanted.step !== null) {
    const text = written(line, writeTags(line.tags, { ...wanted, label: '' }));
    if (text !== line.text) {
      change.source = { start: line.start, end: line.end, text };
    }
    const tags = writeTags(said.tags, { label: wanted.label, step: null, facts: NOTHING });
    return differs(change, said.tags, tags);
  }
  if (line) {
    change.source = { start: line.start, end: line.end + 1, text: '' };
  }
  return differs(change, said.tags, writeTags(said.tags, wanted));
}

function differs(change: Change, before: readonly string[], tags: readonly string[]): Change[] {
  const same = before.length === tags.length && before.every((tag, at) => tag === tags[at]);
  const whole = same ? change : { ...change, tags };
  return whole.tags || whole.source ? [whole] : [];
}

/** A tag of a cell becomes another, or goes; in the cell's line as in its tags. */
export function replaced(cells: readonly CellSaid[], cell: number, old: string, now: string): Change[] {
  const said = cells[cell];
  const swap = (tags: readonly string[]): string[] =>
    tags.flatMap(tag => (tag === old ? (now ? [now] : []) : [tag]));
  // The last one of several alike is the one too many.
  if (said?.tags.includes(old)) {
    const at = said.tags.lastIndexOf(old);
    return [{ cell, tags: said.tags.toSpliced(at, 1, ...(now ? [now] : [])) }];
  }
  const line = said?.line;
  return line?.tags.includes(old)
    ? [{ cell, source: { start: line.start, end: line.end, text: written(line, swap(line.tags)) } }]
    : [];
}

/** Do all of it as one edit, which one undo takes back. */
export function apply(model: INotebookModel, all: readonly Change[]): void {
  const shared = model.sharedModel;
  const history = (shared as { undoManager?: { stopCapturing(): void } }).undoManager;
  history?.stopCapturing();
  shared.transact(() => {
    for (const { cell, tags, source } of all) {
      const one = shared.cells[cell];
      if (tags?.length) {
        one?.setMetadata('tags', [...tags]);
      } else if (tags) {
        one?.deleteMetadata('tags');
      }
      if (source) {
        one?.updateSource(source.start, Math.min(source.end, one.getSource().length), source.text);
      }
    }
  });
  history?.stopCapturing();
}
