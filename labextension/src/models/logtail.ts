import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { EventStream } from '../api/stream';
import type { ILogTail, ServerMessage } from '../tokens';

/** Characters that are kept; of a longer output the end. */
const MOST = 1_000_000;

/** The output of one step as it comes. */
export class LogTail implements ILogTail {
  constructor(
    private readonly hold: IDisposable & { stream: EventStream },
    private readonly run: string,
    private readonly step: string
  ) {
    hold.stream.heard.connect(this.hear, this);
    hold.stream.keepSaying(this.key, () => {
      return { kind: 'tail', run_id: run, step, after: this.after };
    });
  }

  get text(): string {
    return this._text;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    const { run, step } = this;
    this.hold.stream.forget(this.key, { kind: 'untail', run_id: run, step });
    Signal.clearData(this);
    this.hold.dispose();
  }

  private hear(_: EventStream, message: ServerMessage): void {
    if (message.kind !== 'log' || message.run_id !== this.run || message.step !== this.step) {
      return;
    }
    // Two who tail the same step are told twice where one of them began later.
    if (message.after <= this.after) {
      return;
    }
    this.after = message.after;
    this._text = (this._text + message.text).slice(-MOST);
    this._changed.emit();
  }

  private get key(): string {
    return `${this.run}/${this.step}`;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _text = '';
  private after = 0;
  private _disposed = false;
}
