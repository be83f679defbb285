import { PathExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { EventStream } from '../api/stream';
import type { Connection, ServerMessage } from '../tokens';

interface Held {
  stream: EventStream;
  holders: number;
}

/** One stream for each folder whose runs somebody watches; none where nobody does. */
export class Streams {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly seen: () => Record<string, number>
  ) {}

  get heard(): ISignal<this, ServerMessage> {
    return this._heard;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  /** Connected where all streams are; cut off since the first of them was. */
  get connection(): Connection {
    const all = [...this.held.values()].map(({ stream }) => stream.connection);
    const away = all.filter(one => !one.connected && one.since !== null);
    return away.length
      ? { connected: false, since: Math.min(...away.map(one => one.since ?? Infinity)) }
      : { connected: all.some(one => one.connected), since: null };
  }

  /** Keep the stream of a path's folder open until disposed. */
  hold(path: string): IDisposable & { stream: EventStream } {
    const folder = PathExt.dirname(path);
    const held = this.held.get(folder) ?? this.open(folder, path);
    held.holders++;
    const release = new DisposableDelegate(() => {
      if (--held.holders === 0) {
        this.held.delete(folder);
        held.stream.dispose();
      }
    });
    return Object.assign(release, { stream: held.stream });
  }

  private open(folder: string, path: string): Held {
    const stream = new EventStream(this.settings, path, this.seen);
    stream.heard.connect((_, message) => this._heard.emit(message));
    stream.connectionChanged.connect(() => this._connectionChanged.emit(this.connection));
    const held = { stream, holders: 0 };
    this.held.set(folder, held);
    return held;
  }

  private readonly held = new Map<string, Held>();
  private readonly _heard = new Signal<this, ServerMessage>(this);
  private readonly _connectionChanged = new Signal<this, Connection>(this);
}
