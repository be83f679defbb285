import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { type ISignal, Signal } from '@lumino/signaling';

export type Act = 'start' | 'explain';

/** One act at a time on a notebook that is saved first; why it was refused, until the next. */
export class Acting {
  get busy(): Act | null {
    return this._busy;
  }

  get error(): Error | null {
    return this._error;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** It is about another notebook, or wanted in another way. */
  clear(): void {
    this._error = null;
  }

  /** Do once more what was refused. */
  async again(): Promise<void> {
    await this.last();
  }

  /** Save the notebook, then do it with its path; null where it was refused. */
  async on<T>(
    context: DocumentRegistry.Context | undefined,
    busy: Act,
    act: (path: string) => Promise<T>
  ): Promise<T | null> {
    if (!context || this._busy) {
      return null;
    }
    this._busy = busy;
    this._changed.emit();
    const done = this.attempt(async () => {
      if (context.model.dirty) {
        await context.save();
      }
      return act(context.path);
    });
    this.last = () => this.on(context, busy, act);
    return done;
  }

  /** Do it; null where it was refused. */
  async attempt<T>(act: () => Promise<T>): Promise<T | null> {
    this.last = () => this.attempt(act);
    try {
      const answer = await act();
      this._error = null;
      return answer;
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
      return null;
    } finally {
      this._busy = null;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _busy: Act | null = null;
  private _error: Error | null = null;
  private last: () => Promise<unknown> = async () => undefined;
}
