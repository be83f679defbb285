import type { NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelineApi } from '../api/pipeline';
import { content } from '../models/content';
import { type Change, apply, changes } from './edits';
import type { Place } from './layout';
import { type CellSaid, saidBy } from './said';
import { NOTHING, SPECIAL } from './tags';

/** Cells, by their ids, and what they are proposed to be: a step, or what the tag says. */
export interface Proposed {
  name: string;
  tag: string;
  cells: readonly string[];
}

/** Proposed splits of notebooks, which are looked at, changed, and taken or not. */
export class Proposals {
  constructor(private readonly api: PipelineApi) {}

  get changed(): ISignal<this, NotebookPanel> {
    return this._changed;
  }

  of(panel: NotebookPanel): readonly Proposed[] | null {
    return this.found.get(panel) ?? null;
  }

  /** Ask for a split; whether there was anything to propose. */
  async ask(panel: NotebookPanel): Promise<boolean> {
    const { context } = panel;
    await context.ready;
    const { steps } = await this.api.suggest({ path: context.path, notebook: content(context.model) });
    const ids = context.model.sharedModel.cells.map(cell => cell.getId());
    const all = steps.map(({ name, tag, cells }) => ({
      name,
      tag,
      cells: cells.flatMap(number => ids[number - 1] ?? [])
    }));
    this.put(panel, all.length ? all : null);
    return all.length > 0;
  }

  rename(panel: NotebookPanel, cell: string, name: string): void {
    const all = this.of(panel) ?? [];
    this.put(
      panel,
      all.map(one => (one.cells[0] === cell ? { ...one, name, tag: `step:${name}` } : one))
    );
  }

  /** Not this one: its cells join what stands above them. */
  drop(panel: NotebookPanel, cell: string): void {
    const all = [...(this.of(panel) ?? [])];
    const at = all.findIndex(one => one.cells[0] === cell);
    const [gone] = at < 0 ? [] : all.splice(at, 1);
    const above = all[at - 1];
    if (gone && above) {
      all[at - 1] = { ...above, cells: [...above.cells, ...gone.cells] };
    }
    this.put(panel, all.length ? all : null);
  }

  dismiss(panel: NotebookPanel): void {
    this.put(panel, null);
  }

  /** Write the tags, as one edit. */
  accept(panel: NotebookPanel): void {
    const { model } = panel.context;
    const all = this.of(panel);
    if (all) {
      this.put(panel, null);
      apply(model, written(all, model.sharedModel.cells.map(cell => cell.getId()), saidBy(model)));
    }
  }

  private put(panel: NotebookPanel, all: readonly Proposed[] | null): void {
    if (all) {
      this.found.set(panel, all);
    } else {
      this.found.delete(panel);
    }
    this._changed.emit(panel);
  }

  private readonly found = new WeakMap<NotebookPanel, readonly Proposed[]>();
  private readonly _changed = new Signal<this, NotebookPanel>(this);
}

/** The changes that a proposal comes to. */
export function written(
  all: readonly Proposed[],
  ids: readonly string[],
  said: readonly CellSaid[]
): Change[] {
  return all.flatMap(({ name, tag, cells }) => {
    const scope = cells.map(id => ids.indexOf(id)).filter(at => at >= 0);
    const label = name ? '' : tag;
    return changes(said, scope, { label, step: name || null, facts: NOTHING });
  });
}

/** Where each cell, of which these are the ids, would belong. */
export function proposed(all: readonly Proposed[], ids: readonly string[]): (Place | null)[] {
  const places = new Map<string, Place>();
  for (const { name, tag, cells } of all) {
    const role = name ? 'step' : SPECIAL[tag] === 'parameters' ? 'parameters' : 'setup';
    cells.forEach(cell => places.set(cell, { name: name || tag, role }));
  }
  return ids.map(id => places.get(id) ?? null);
}
