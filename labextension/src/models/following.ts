import type { NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelineApi } from '../api/pipeline';
import { Disposable } from '../observed';
import type { IRuns } from '../tokens';
import { Compiling } from './compiling';
import { NewestRun } from './newest';

/** What moved: the code was edited, it was compiled, a run got on, or a file was saved. */
export type Moved = 'edited' | 'compiled' | 'ran' | 'saved';

/** One notebook while somebody looks at its pipeline: its steps, and its newest run. */
export class Following extends Disposable {
  constructor(
    api: PipelineApi,
    runs: IRuns,
    readonly panel: NotebookPanel,
    /** Whether the file is another pipeline, as far as is known: dirty alone may mean less. */
    public unsaved: boolean
  ) {
    super();
    this.compiling = new Compiling(api, panel);
    this.newest = new NewestRun(runs, panel.context);
    this.compiling.edited.connect(() => {
      // This is told at a rest: what was typed may have been saved since.
      this.unsaved = panel.context.model.dirty;
      this._moved.emit('edited');
    });
    this.compiling.changed.connect(() => this._moved.emit('compiled'));
    this.newest.changed.connect(() => this._moved.emit('ran'));
    panel.context.saveState.connect(this.onSave, this);
  }

  readonly compiling: Compiling;
  readonly newest: NewestRun;

  get moved(): ISignal<this, Moved> {
    return this._moved;
  }

  /** What couldn't be had. */
  get error(): Error | null {
    return this.compiling.error ?? this.newest.error;
  }

  /** Ask once more for what couldn't be had. */
  again(): void {
    this.compileAgain();
    this.newest.again();
  }

  /** The server is heard again. */
  heard(): void {
    this.compileAgain();
    this.newest.heard();
  }

  private compileAgain(): void {
    if (this.compiling.error) {
      this.compiling.again();
    }
  }

  protected override end(): void {
    this.panel.context.saveState.disconnect(this.onSave, this);
    this.compiling.dispose();
    this.newest.dispose();
  }

  private onSave(_: unknown, state: string): void {
    if (state === 'completed') {
      this.unsaved = false;
      this._moved.emit('saved');
    }
  }

  private readonly _moved = new Signal<this, Moved>(this);
}
