import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { RunsApi } from '../api/runs';
import type {
  Connection,
  ILogTail,
  IRunList,
  IRuns,
  RunHead,
  RunOptions,
  RunQuery,
  RunView,
  ServerMessage
} from '../tokens';
import { Tails } from './logtail';
import { loaded, moved, type RunMoved } from './merge';
import { RunList } from './runlist';
import { Streams } from './streams';

/** Runs, wherever they were started, kept up to date by the server's stream. */
export class Runs implements IRuns {
  constructor(settings: ServerConnection.ISettings) {
    this.api = new RunsApi(settings);
    this.streams = new Streams(settings, () => this.seen());
    this.streams.heard.connect((_, message) => this.hear(message));
    this.streams.connectionChanged.connect((_, now) => this._connectionChanged.emit(now));
  }

  get connection(): Connection {
    return this.streams.connection;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  get moved(): ISignal<this, RunHead> {
    return this._moved;
  }

  get ended(): ISignal<this, RunHead> {
    return this._ended;
  }

  get deleted(): ISignal<this, string> {
    return this._deleted;
  }

  get running(): readonly RunHead[] {
    const heads = [...this.views.values()].map(view => view.head);
    return heads.filter(head => head.status === 'running');
  }

  run(id: string): RunView | null {
    return this.views.get(id) ?? null;
  }

  watch(path: string): IDisposable {
    return this.streams.hold(path);
  }

  follow(path: string, id: string, lost?: (error: Error) => void): IDisposable {
    const stream = this.watch(path);
    this.followed.set(id, (this.followed.get(id) ?? 0) + 1);
    this.load(path, id).catch((reason: unknown) => {
      if (lost) {
        lost(reason instanceof Error ? reason : new Error(String(reason)));
      } else {
        console.warn(`mlops: run ${id}:`, reason);
      }
    });
    return new DisposableDelegate(() => {
      stream.dispose();
      const others = (this.followed.get(id) ?? 1) - 1;
      if (others) {
        this.followed.set(id, others);
      } else {
        this.followed.delete(id);
      }
    });
  }

  async load(path: string, id: string): Promise<RunView> {
    const answer = await this.api.get(path, id);
    const view = loaded(this.views.get(id), answer);
    this.keep(view);
    return view;
  }

  list(query: RunQuery): IRunList {
    return new RunList(this.api, this, query);
  }

  tail(path: string, id: string, step: string): ILogTail {
    return this.tails.open(this.streams.hold(path), id, step);
  }

  start(path: string, options: RunOptions): Promise<string> {
    return this.api.start(path, options);
  }

  async cancel(path: string, id: string): Promise<void> {
    await this.api.act(path, id, 'cancel');
  }

  resume(path: string, id: string): Promise<string> {
    return this.api.act(path, id, 'resume');
  }

  again(path: string, id: string): Promise<string> {
    return this.api.act(path, id, 'again');
  }

  async remove(path: string, id: string): Promise<void> {
    await this.api.remove(path, id);
    this.forget(id);
  }

  private hear(message: ServerMessage): void {
    switch (message.kind) {
      case 'run':
        return this.told(message);
      case 'deleted':
        return this.forget(message.run_id);
      case 'failure':
        return console.warn('mlops:', message.failure.message);
    }
  }

  private told(message: RunMoved): void {
    const before = this.views.get(message.head.run_id);
    const now = moved(before, message);
    if (now !== before) {
      this.keep(now);
    }
  }

  private keep(view: RunView): void {
    const { run_id: id, status } = view.head;
    const before = this.views.get(id);
    this.views.set(id, view);
    this._moved.emit(view.head);
    if (before?.head.status === 'running' && status !== 'running') {
      this._ended.emit(view.head);
    }
  }

  private forget(id: string): void {
    this.views.delete(id);
    this._deleted.emit(id);
  }

  /** How far each run is known that goes on or is looked at, and the newest one. */
  private seen(): Record<string, number> {
    const views = [...this.views.values()];
    const newest = Math.max(...views.map(view => view.head.started));
    const told = views.filter(
      ({ head }) =>
        head.status === 'running' || head.started === newest || this.followed.has(head.run_id)
    );
    return Object.fromEntries(told.map(view => [view.head.run_id, view.seq]));
  }

  private readonly tails = new Tails();
  private readonly api: RunsApi;
  private readonly streams: Streams;
  private readonly views = new Map<string, RunView>();
  private readonly followed = new Map<string, number>();
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _moved = new Signal<this, RunHead>(this);
  private readonly _ended = new Signal<this, RunHead>(this);
  private readonly _deleted = new Signal<this, string>(this);
}
