import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Explained, IRuns, RunHead, RunOptions } from '../tokens';
import { Acting } from './acting';
import type { Planning } from './planning';
import type { Wanted } from './wanted';

type Notebook = DocumentRegistry.Context | undefined;

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

  /** A run has been started, or goes on. */
  get began(): ISignal<this, string> {
    return this._began;
  }

  start(notebook: Notebook, options: Partial<RunOptions>): Promise<string | null> {
    return this.on(notebook, 'start', async path => {
      this.mustBeTyped();
      return this.has(await this.runs.start(path, { ...this.wanted.options, ...options }));
    });
  }

  resume(notebook: Notebook, id: string): Promise<string | null> {
    return this.on(notebook, 'start', async path => this.has(await this.runs.resume(path, id)));
  }

  async cancel(path: string, { run_id: id, status }: RunHead): Promise<void> {
    if (status === 'running') {
      await this.attempt(() => this.runs.cancel(path, id));
    }
  }

  explain(notebook: Notebook): Promise<Explained | null> {
    return this.on(notebook, 'explain', path => {
      this.mustBeTyped();
      return this.planning.ask(path, this.wanted.options);
    });
  }

  private has(id: string): string {
    this._began.emit(id);
    return id;
  }

  /** A run with another value than the one that she sees helps nobody. */
  private mustBeTyped(): void {
    const [name] = this.wanted.form.mistyped;
    if (name !== undefined) {
      throw new Error(this.trans.__('“%1” needs another value: see Parameters', name));
    }
  }

  private readonly _began = new Signal<this, string>(this);
}
