import { type ISignal, Signal } from '@lumino/signaling';

import type { RunOptions } from '../tokens';
import type { Kept } from './kept';
import { ParameterForm } from './parameterform';

/** How runs of the current notebook are wanted: its options, and its parameters as typed. */
export class Wanted {
  constructor(private readonly kept: Kept) {
    this.form.changed.connect(() => this.said());
    void kept.ready.then(() => {
      if (this.path !== null && !this.touched) {
        this.turn(this.path);
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
  turn(path: string | null): void {
    const { options, entries } = path === null ? { options: {}, entries: {} } : this.kept.of(path);
    this.path = path;
    this.touched = false;
    this._options = options;
    this.form.restore(entries);
  }

  /** The notebook has another name now. */
  move(path: string): void {
    this.path = path;
    this.kept.keep(path, { options: this._options, entries: this.form.entries });
  }

  /** Fields that are undefined go back to their defaults. */
  want(options: Partial<Omit<RunOptions, 'params'>>): void {
    const now = Object.entries({ ...this._options, ...options });
    this._options = Object.fromEntries(now.filter(([, value]) => value !== undefined));
    this.said();
  }

  private said(): void {
    this.touched = true;
    if (this.path !== null) {
      this.kept.keep(this.path, { options: this._options, entries: this.form.entries });
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private path: string | null = null;
  /** Whether something was said since it is about this notebook: that counts. */
  private touched = false;
  private _options: Omit<RunOptions, 'params'> = {};
}
