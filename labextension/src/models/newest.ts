import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import { Refused } from '../api/request';
import { Observed } from '../observed';
import type { IRunList, IRuns, RunHead, RunView } from '../tokens';

/** The newest run of one notebook, kept up to date. */
export class NewestRun extends Observed {
  constructor(
    private readonly runs: IRuns,
    private readonly context: NotebookPanel['context']
  ) {
    super();
    runs.moved.connect(this.onMoved, this);
    runs.deleted.connect(this.onDeleted, this);
    context.pathChanged.connect(this.look, this);
    this.look();
  }

  get view(): RunView | null {
    return this.id === null ? null : this.runs.run(this.id);
  }

  /** Why it isn't known which run is the newest, or how it went. */
  get error(): Error | null {
    return this.list?.error ?? this._error;
  }

  protected override end(): void {
    this.leave();
  }

  /** It is this one: it has just been started. */
  take(id: string): void {
    if (id !== this.id && !this.isDisposed) {
      this.following?.dispose();
      this.id = id;
      this._error = null;
      this.following = this.runs.follow(this.context.path, id, error => this.onLost(id, error));
      this.tell();
    }
  }

  /** Ask once more for what couldn't be had. */
  again(): void {
    const { list } = this;
    if (list?.error) {
      list.ask(list.query);
    } else {
      this.heard();
    }
  }

  /** The server is heard again: ask for the run. A list asks by itself. */
  heard(): void {
    const { id } = this;
    if (id !== null && this._error) {
      this.id = null;
      this.take(id);
    }
  }

  private look(): void {
    this.leave();
    const { path } = this.context;
    this.watching = this.runs.watch(path);
    this.list = this.runs.list({ path, notebook: true });
    this.list.changed.connect(this.onList, this);
    this.tell();
  }

  private onList(list: IRunList): void {
    const newest = list.at(0);
    if (newest && newest.started >= (this.view?.head.started ?? 0)) {
      this.take(newest.run_id);
    }
    if (list.error) {
      this.tell();
    } else if (!list.loading) {
      // From here on the stream tells of what begins.
      list.dispose();
    }
  }

  private onLost(id: string, error: Error): void {
    // One that isn't there has been deleted: the stream tells that.
    const gone = error instanceof Refused && error.status === 404;
    if (id === this.id && !gone) {
      this._error = error;
      this.tell();
    }
  }

  private onMoved(_: IRuns, head: RunHead): void {
    if (head.run_id === this.id) {
      this.tell();
    } else if (head.path === this.context.path && head.started > (this.view?.head.started ?? 0)) {
      this.take(head.run_id);
    }
  }

  private onDeleted(_: IRuns, id: string): void {
    if (id === this.id) {
      this.look();
    }
  }

  private leave(): void {
    this.id = null;
    this._error = null;
    this.following?.dispose();
    this.watching?.dispose();
    this.list?.dispose();
    this.following = this.watching = this.list = null;
  }

  private id: string | null = null;
  private _error: Error | null = null;
  private following: IDisposable | null = null;
  private watching: IDisposable | null = null;
  private list: IRunList | null = null;
}
