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

  /** Seconds that each step took last, where that is known. */
  get usual(): ReadonlyMap<string, number> {
    return this._usual;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  async ask(path: string, options: RunOptions): Promise<Explained> {
    this.stop();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const answer = await this.api.explain(path, options, signal);
    if (!signal.aborted) {
      this._plan = answer;
      this.learn(answer.steps);
      this._changed.emit();
    }
    return answer;
  }

  /** Ask soon, if then there still is something to ask; where it can't be told, nothing is said. */
  askLater(asked: () => [path: string, options: RunOptions] | null): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const now = asked();
      if (now) {
        this.ask(...now).catch(() => undefined);
      }
    }, PAUSE);
  }

  /** Something changed: what was planned holds no longer. */
  forget(): void {
    this.stop();
    this._plan = null;
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
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
}
