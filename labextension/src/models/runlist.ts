import type { RunsApi } from '../api/runs';
import { Observed } from '../observed';
import type { Connection, IRunList, IRuns, RunHead, RunQuery } from '../tokens';

/** Runs that are asked for at once. */
const PAGE = 100;
/** Milliseconds in which several changes make one new question. */
const TOGETHER = 150;

/** A list of runs, newest first, of which only what is looked at is loaded. */
export class RunList extends Observed implements IRunList {
  constructor(
    private readonly api: RunsApi,
    runs: IRuns,
    private asked: RunQuery
  ) {
    super();
    runs.moved.connect(this.onMoved, this);
    runs.deleted.connect(this.onDeleted, this);
    runs.connectionChanged.connect(this.onConnection, this);
    this.show(0, PAGE);
  }

  get query(): RunQuery {
    return this.asked;
  }

  get total(): number {
    return this._total;
  }

  get loading(): boolean {
    return this.pending.size > 0;
  }

  get error(): Error | null {
    return this._error;
  }

  protected override end(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  at(index: number): RunHead | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  show(first: number, last: number): void {
    this.shown = [first, last];
    for (let page = Math.floor(first / PAGE); page * PAGE < Math.max(last, 1); page++) {
      if (!this.pages.has(page) && !this.pending.has(page)) {
        void this.load(page);
      }
    }
  }

  ask(query: RunQuery): void {
    this.asked = query;
    this.refresh();
  }

  /** Ask again; what was known stays until the answer comes. */
  private refresh(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.pending.clear();
    this.stale = true;
    const [first, last] = this.shown;
    for (let page = Math.floor(first / PAGE); page * PAGE < Math.max(last, 1); page++) {
      void this.load(page);
    }
  }

  private async load(page: number): Promise<void> {
    const { signal } = this.abort;
    this.pending.add(page);
    try {
      const answer = await this.api.list(this.asked, page * PAGE, PAGE, signal);
      if (signal.aborted) {
        return;
      }
      if (this.stale) {
        this.pages.clear();
        this.stale = false;
      }
      this.pages.set(page, answer.runs);
      this._total = answer.total;
      this._error = null;
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this._error = error instanceof Error ? error : new Error(String(error));
    }
    this.pending.delete(page);
    this.tell();
  }

  private onMoved(_: IRuns, head: RunHead): void {
    for (const [page, heads] of this.pages) {
      const at = heads.findIndex(known => known.run_id === head.run_id);
      if (at >= 0) {
        const ended = heads[at]?.status !== head.status;
        this.pages.set(page, heads.with(at, head));
        this.tell();
        // It may no longer be what was asked for.
        if (ended && this.asked.status) {
          this.later();
        }
        return;
      }
    }
    const begun = head.started >= (this.at(0)?.started ?? 0);
    if (begun && (!this.asked.notebook || head.path === this.asked.path)) {
      this.later();
    }
  }

  private onConnection(_: IRuns, { connected }: Connection): void {
    if (connected && this._error) {
      this.refresh();
    }
  }

  private onDeleted(): void {
    this.later();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), TOGETHER);
  }

  private readonly pages = new Map<number, RunHead[]>();
  private readonly pending = new Set<number>();
  private abort = new AbortController();
  private shown: [number, number] = [0, PAGE];
  private stale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private _total = 0;
  private _error: Error | null = null;
}
