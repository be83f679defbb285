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

  /** The page is seen: be up to date. */
  wake(): void {
    this.awake = true;
    if (this.stale) {
      void this.load();
    }
  }

  /** Nobody sees the page: leave the server alone. */
  sleep(): void {
    this.awake = false;
  }

  /** Compare them the other way round. */
  swap(): void {
    [this._a, this._b] = [this._b, this._a];
    void this.load();
  }

  async load(): Promise<void> {
    const { path, _a: a, _b: b } = this;
    const question = ++this.asked;
    this.stale = false;
    let found: Pair | Error;
    try {
      const [one, two, diff] = await Promise.all([
        this.runs.load(path, a),
        this.runs.load(path, b),
        this.api.diff(path, a, b)
      ]);
      found = { a: one.head, b: two.head, diff };
    } catch (error) {
      found = error instanceof Error ? error : new Error(String(error));
    }
    // It may have been asked anew meanwhile: turned round, or a run has ended.
    if (question === this.asked) {
      this.keep(found);
    }
  }

  private keep(found: Pair | Error): void {
    this._error = found instanceof Error ? found : null;
    this._pair = found instanceof Error ? this._pair : found;
    this.stale = found instanceof Error;
    this.tell();
  }

  private onEnded(_: IRuns, head: RunHead): void {
    if (this._pair && [this._a, this._b].includes(head.run_id)) {
      this.stale = true;
      if (this.awake) {
        void this.load();
      }
    }
  }

  private _pair: Pair | null = null;
  private _error: Error | null = null;
  private awake = false;
  /** What is known isn't what the server would tell. */
  private stale = true;
  /** Questions so far: only the last one's answer counts. */
  private asked = 0;
}
