import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IPipeline, IRunList, IRuns } from '../tokens';

export type Scope = 'notebook' | 'all';
export type StatusFilter = '' | 'running' | 'succeeded' | 'failed,interrupted' | 'cancelled';

/** Milliseconds after the last key before a search is made. */
const TYPED = 200;

/** Which runs are listed, and which of them are chosen. */
export class RunsPanelModel {
  constructor(
    private readonly runs: IRuns,
    private readonly pipeline: IPipeline
  ) {
    pipeline.changed.connect(this.onPipeline, this);
    runs.deleted.connect((_, id) => this.pick(id, false));
  }

  get list(): IRunList | null {
    return this._list;
  }

  /** The notebook whose runs can be told apart; null where none is open. */
  get notebook(): string | null {
    return this.pipeline.path;
  }

  get scope(): Scope {
    return this.notebook === null ? 'all' : this._scope;
  }

  get status(): StatusFilter {
    return this._status;
  }

  get search(): string {
    return this._search;
  }

  /** Whether some runs may be left out because of what is asked for. */
  get filtered(): boolean {
    return Boolean(this._search || this._status);
  }

  /** Runs that were chosen to be compared or deleted. */
  get picked(): readonly string[] {
    return this._picked;
  }

  /** The two that were chosen, the older first: ids begin with the time. */
  get pair(): readonly [string, string] | null {
    const [a, b, more] = this._picked.toSorted();
    return a !== undefined && b !== undefined && more === undefined ? [a, b] : null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  ask(asked: { scope?: Scope; status?: StatusFilter; search?: string }): void {
    this._scope = asked.scope ?? this._scope;
    this._status = asked.status ?? this._status;
    this._search = asked.search ?? this._search;
    clearTimeout(this.timer);
    if (asked.search === undefined) {
      this.look();
    } else {
      this.timer = setTimeout(() => this.look(), TYPED);
    }
    this._changed.emit();
  }

  /** Ask once more for what couldn't be had. */
  again(): void {
    this.look();
  }

  pick(id: string, yes: boolean): void {
    const others = this._picked.filter(one => one !== id);
    const now = yes ? [...others, id] : others;
    if (yes || others.length < this._picked.length) {
      this._picked = now;
      this._changed.emit();
    }
  }

  unpick(): void {
    this._picked = [];
    this._changed.emit();
  }

  /** The panel is seen: hear of what happens. */
  wake(): void {
    if (!this._list) {
      this.path = this.notebook ?? this.path;
      this.watching = this.runs.watch(this.path);
      this._list = this.runs.list(this.query);
      this._list.changed.connect(this.tell, this);
      this.tell();
    }
  }

  /** Nobody sees the panel: leave the server alone. */
  sleep(): void {
    clearTimeout(this.timer);
    this.watching?.dispose();
    this._list?.dispose();
    this.watching = this._list = null;
  }

  private get query() {
    const { scope, _status: status, _search: search } = this;
    return {
      path: this.path,
      notebook: scope === 'notebook',
      ...(status && { status }),
      ...(search && { search })
    };
  }

  private look(): void {
    this._list?.ask(this.query);
  }

  private onPipeline(): void {
    const { notebook } = this;
    if (notebook === null || notebook === this.path) {
      // A notebook that was closed: its runs stay until another is opened.
      if ((this._list?.query.notebook ?? false) !== (this.scope === 'notebook')) {
        this.look();
      }
      return;
    }
    this._picked = [];
    if (this._list) {
      this.sleep();
      this.wake();
    }
  }

  private tell(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private path = '';
  private watching: IDisposable | null = null;
  private _list: IRunList | null = null;
  private _scope: Scope = 'notebook';
  private _status: StatusFilter = '';
  private _search = '';
  private _picked: readonly string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
}
