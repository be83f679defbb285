import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelineApi } from '../api/pipeline';
import type { Explained, RunOptions } from '../tokens';

/** Milliseconds after which a save, or a change of a parameter, is looked at. */
const PAUSE = 300;

/** What would run and why; the newest answer wins. */
export class Planning {
  constructor(private readonly api: PipelineApi) {}

  get plan(): Explained | null {
    return this._plan;
  }

  /** Why it can't be told, where it was asked unasked. */
  get error(): Error | null {
    return this._error;
  }

  /** Seconds that each step took last, where that is known. */
  get usual(): ReadonlyMap<string, number> {
    return this._usual;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Null where something changed, or it was asked anew, before there was an answer. */
  async ask(path: string, options: RunOptions): Promise<Explained | null> {
    this.stop();
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      const answer = await this.api.explain(path, options, signal);
      return signal.aborted ? null : this.take(answer);
    } catch (error) {
      if (signal.aborted) {
        return null;
      }
      throw error;
    }
  }

  /** Ask soon, if then there still is something to ask. */
  askLater(asked: () => [path: string, options: RunOptions] | null): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const now = asked();
      if (now) {
        void this.look(...now);
      }
    }, PAUSE);
  }

  private async look(path: string, options: RunOptions): Promise<void> {
    try {
      await this.ask(path, options);
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
      this._changed.emit();
    }
  }

  private take(plan: Explained): Explained {
    this._plan = plan;
    this._error = null;
    this.learn(plan.steps);
    this._changed.emit();
    return plan;
  }

  /** Something changed: what was planned holds no longer. */
  forget(): void {
    this.stop();
    this._plan = null;
    this._error = null;
  }

  /** It is about another notebook. */
  clear(): void {
    this.forget();
    this._usual.clear();
  }

  learn(steps: readonly { name: string; seconds: number | null }[]): void {
    steps.forEach(({ name, seconds }) => seconds !== null && this._usual.set(name, seconds));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _usual = new Map<string, number>();
  private _plan: Explained | null = null;
  private _error: Error | null = null;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
}
