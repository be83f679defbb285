import type { RunsApi } from '../api/runs';
import { Observed } from '../observed';
import type { IRuns, RunDiff, RunHead } from '../tokens';

export interface Pair {
  a: RunHead;
  b: RunHead;
  diff: RunDiff;
}

/** Two runs of a project, and how the second differs from the first. */
export class ComparePage extends Observed {
  constructor(
    private readonly runs: IRuns,
    private readonly api: RunsApi,
    readonly path: string,
    private _a: string,
    private _b: string
  ) {
    super();
    runs.ended.connect(this.onEnded, this);
  }

  get a(): string {
    return this._a;
  }

  get b(): string {
    return this._b;
  }

  get pair(): Pair | null {
    return this._pair;
  }

  get error(): Error | null {
    return this._error;
  }

  /** Compare them the other way round. */
  swap(): void {
    [this._a, this._b] = [this._b, this._a];
    void this.load();
  }

  async load(): Promise<void> {
    const { path, _a: a, _b: b } = this;
    try {
      const [one, two, diff] = await Promise.all([
        this.runs.load(path, a),
        this.runs.load(path, b),
        this.api.diff(path, a, b)
      ]);
      // It may have been turned round meanwhile.
      if (a === this._a) {
        this._pair = { a: one.head, b: two.head, diff };
        this._error = null;
      }
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
    }
    this.tell();
  }

  private onEnded(_: IRuns, head: RunHead): void {
    if (this._pair && [this._a, this._b].includes(head.run_id)) {
      void this.load();
    }
  }

  private _pair: Pair | null = null;
  private _error: Error | null = null;
}
