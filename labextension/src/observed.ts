import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** What lives until it is disposed of, once; who listens to it hears nothing after that. */
export abstract class Disposable implements IDisposable {
  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this.end();
      Signal.clearData(this);
    }
  }

  /** Let go of what it holds. */
  protected end(): void {}

  private _disposed = false;
}

/** What tells when it has changed, until it is disposed of. */
export abstract class Observed extends Disposable {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  protected tell(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}
