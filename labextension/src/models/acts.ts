import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Explained, IRuns, RunHead, RunOptions } from '../tokens';
import { Acting } from './acting';
import type { Planning } from './planning';
import type { Wanted } from './wanted';

type Notebook = DocumentRegistry.Context | undefined;

/** A run that has been started, or goes on, and the notebook that it is of. */
export interface Began {
  notebook: Notebook;
  id: string;
}

/** What can be done with a notebook, as it is wanted: run it, go on, cancel, or look ahead. */
export class Acts extends Acting {
  constructor(
    private readonly runs: IRuns,
    private readonly planning: Planning,
    private readonly wanted: Wanted,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  get began(): ISignal<this, Began> {
    return this._began;
  }

  start(notebook: Notebook, options: Partial<RunOptions>): Promise<string | null> {
    return this.on(notebook, 'start', () => {
      const all = { ...this.asTyped(), ...options };
      return async path => this.has(notebook, await this.runs.start(path, all));
    });
  }

  resume(notebook: Notebook, id: string): Promise<string | null> {
    return this.on(notebook, 'start', () => async path => {
      return this.has(notebook, await this.runs.resume(path, id));
    });
  }

  async cancel(path: string, { run_id: id, status }: RunHead): Promise<void> {
    if (status === 'running') {
      await this.attempt(() => this.runs.cancel(path, id));
    }
  }

  explain(notebook: Notebook): Promise<Explained | null> {
    return this.on(notebook, 'explain', () => {
      const options = this.asTyped();
      const { wishes } = this;
      // What isn't wanted any more once it is saved isn't asked.
      return async path => (wishes === this.wishes ? this.planning.ask(path, options) : null);
    });
  }

  override clear(): void {
    super.clear();
    this.wishes++;
  }

  private has(notebook: Notebook, id: string): string {
    this._began.emit({ notebook, id });
    return id;
  }

  /** The options; a run with another value than the one that she sees helps nobody. */
  private asTyped(): RunOptions {
    const [name] = this.wanted.form.mistyped;
    if (name !== undefined) {
      throw new Error(this.trans.__('“%1” needs another value: see Parameters', name));
    }
    return this.wanted.options;
  }

  private readonly _began = new Signal<this, Began>(this);
  /** How often it was wanted in another way, or of another notebook. */
  private wishes = 0;
}
