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

  /** It is wanted in another way. */
  clear(): void {
    this._error = null;
  }

  /** It is about another notebook: what is under way fails unseen. */
  leave(): void {
    this.clear();
    this.turns++;
  }

  /** Do once more what was refused. */
  async again(): Promise<void> {
    await this.last();
  }

  /**
   * Save the notebook, then do it with its path; null where it was refused. What `ready` looks at
   * is as it was before: saving takes a while, in which she goes on.
   */
  async on<T>(
    context: DocumentRegistry.Context | undefined,
    busy: Act,
    ready: () => (path: string) => Promise<T>
  ): Promise<T | null> {
    if (!context || this._busy) {
      return null;
    }
    this._busy = busy;
    this._changed.emit();
    const done = this.attempt(async () => {
      const act = ready();
      if (context.model.dirty) {
        await context.save();
      }
      return act(context.path);
    });
    this.last = () => this.on(context, busy, ready);
    return done;
  }

  /** Do it; null where it was refused. */
  async attempt<T>(act: () => Promise<T>): Promise<T | null> {
    const { turns } = this;
    this.last = () => this.attempt(act);
    const end = (error: Error | null): void => {
      this._error = turns === this.turns ? error : this._error;
    };
    try {
      const answer = await act();
      end(null);
      return answer;
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)));
      return null;
    } finally {
      this._busy = null;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _busy: Act | null = null;
  private _error: Error | null = null;
  private turns = 0;
  private last: () => Promise<unknown> = async () => undefined;
}
