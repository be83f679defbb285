import { type ISignal, Signal } from '@lumino/signaling';

import type { Compiled, RunOptions } from '../tokens';
import { type Kept, NONE } from './kept';
import { ParameterForm } from './parameterform';

/** A notebook as far as it has a path, which may change. */
export interface Named {
  readonly path: string;
  readonly pathChanged: ISignal<unknown, string>;
}

/** How runs of the current notebook are wanted: its options, and its parameters as typed. */
export class Wanted {
  constructor(private readonly kept: Kept) {
    this.form.changed.connect(() => this.said());
    void kept.ready.then(() => {
      if (this.notebook && !this.touched) {
        this.recall();
        this._changed.emit();
      }
    });
  }

  readonly form = new ParameterForm();

  get options(): RunOptions {
    const params = { ...this.form.values };
    return { ...this._options, ...(Object.keys(params).length && { params }) };
  }

  /** She wants something else, or what was kept is there. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** It is about another notebook, whose wishes are as they were. */
  turn(notebook: Named | null): void {
    this.notebook?.pathChanged.disconnect(this.keep, this);
    notebook?.pathChanged.connect(this.keep, this);
    this.notebook = notebook;
    this.recall();
  }

  /** Fields that are undefined go back to their defaults. */
  want(options: Partial<Omit<RunOptions, 'params'>>): void {
    const now = Object.entries({ ...this._options, ...options });
    this._options = Object.fromEntries(now.filter(([, value]) => value !== undefined));
    this.said();
  }

  /** The notebook takes these parameters. */
  know(compiled: Compiled | null): void {
    if (compiled?.pipeline) {
      const broken = compiled.problems.some(problem => !problem.warning);
      this.form.know(compiled.pipeline.parameters, broken);
    }
  }

  private recall(): void {
    const { options, entries } = this.notebook ? this.kept.of(this.notebook.path) : NONE;
    this.touched = false;
    this._options = options;
    this.form.restore(entries);
  }

  private keep(): void {
    if (this.notebook) {
      const { _options: options, form } = this;
      this.kept.keep(this.notebook.path, { options, entries: form.entries });
    }
  }

  private said(): void {
    this.touched = true;
    this.keep();
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private notebook: Named | null = null;
  /** Whether something was said since it is about this notebook: that counts. */
  private touched = false;
  private _options: Omit<RunOptions, 'params'> = {};
}
