import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import { Disposable } from '../observed';
import type { ClientMessage, Connection, ServerMessage } from '../tokens';
import { PREFIX } from './request';

/** Milliseconds before the first and before any later attempt to connect again. */
const SOON = 500;
const LATE = 15_000;

/** What happens in the runs of one project, told as it happens; connects again when cut off. */
export class EventStream extends Disposable {
  /**
   * `seen` says when connecting how far each run is known, so that nothing is missed.
   */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly path: string,
    private readonly seen: () => Record<string, number>
  ) {
    super();
    this.connect();
  }

  get heard(): ISignal<this, ServerMessage> {
    return this._heard;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  get connection(): Connection {
    return this._connection;
  }

  protected override end(): void {
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Say it now, and again after each new connection until `forget`. */
  keepSaying(key: string, message: () => ClientMessage): void {
    this.standing.set(key, message);
    this.say(message());
  }

  /** Stop saying it, with a last word. */
  forget(key: string, last: ClientMessage): void {
    if (this.standing.delete(key)) {
      this.say(last);
    }
  }

  private say(message: ClientMessage): void {
    if (this.socket && this._connection.connected) {
      this.socket.send(JSON.stringify(message));
    }
  }

  private connect(): void {
    const { wsUrl, token, appendToken, WebSocket } = this.settings;
    const query = new URLSearchParams({ path: this.path });
    if (appendToken && token) {
      query.set('token', token);
    }
    const socket = new WebSocket(`${URLExt.join(wsUrl, PREFIX, 'events')}?${query}`);
    this.socket = socket;
    let opened = Infinity;
    socket.onopen = () => {
      opened = Date.now();
      this.told({ connected: true, since: Date.now() });
      this.say({ kind: 'follow', seen: this.seen() });
      this.standing.forEach(message => this.say(message()));
    };
    socket.onmessage = event => {
      this._heard.emit(JSON.parse(String(event.data)) as ServerMessage);
    };
    socket.onclose = () => {
      if (this.isDisposed) {
        return;
      }
      const { connected, since } = this._connection;
      this.told({ connected: false, since: connected ? Date.now() : since });
      // One that lets us in only to hang up again isn't asked any more often for that.
      this.attempts = Date.now() - opened > LATE ? 0 : this.attempts;
      const wait = Math.min(LATE, SOON * 2 ** this.attempts++);
      // Many tabs must not all come back in the same moment.
      this.timer = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    };
  }

  private told(connection: Connection): void {
    const before = this._connection;
    this._connection = connection;
    if (before.connected !== connection.connected || before.since !== connection.since) {
      this._connectionChanged.emit(connection);
    }
  }

  private readonly _heard = new Signal<this, ServerMessage>(this);
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly standing = new Map<string, () => ClientMessage>();
  private _connection: Connection = { connected: false, since: null };
  private attempts = 0;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
