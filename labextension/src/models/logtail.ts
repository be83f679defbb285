import type { IDisposable } from '@lumino/disposable';

import type { EventStream } from '../api/stream';
import { Observed } from '../observed';
import type { ILogTail, ServerMessage } from '../tokens';

/** Characters that are kept; of a longer output the end. */
const MOST = 1_000_000;

type Hold = IDisposable & { stream: EventStream };

/** Outputs that somebody reads. Who reads the same one shares it: it ends with its last reader. */
export class Tails {
  open(hold: Hold, run: string, step: string): ILogTail {
    const key = `${run}/${step}`;
    const tails = this.tails.get(hold.stream) ?? new Map<string, Shared>();
    this.tails.set(hold.stream, tails);
    const known = tails.get(key);
    if (known) {
      hold.dispose();
    }
    const shared = known ?? { tail: new LogTail(hold, run, step), readers: 0 };
    tails.set(key, shared);
    shared.readers++;
    return new Reader(shared.tail, () => {
      if (--shared.readers === 0) {
        tails.delete(key);
        shared.tail.dispose();
      }
    });
  }

  private readonly tails = new WeakMap<EventStream, Map<string, Shared>>();
}

interface Shared {
  tail: LogTail;
  readers: number;
}

/** A tail as one of its readers has it. */
class Reader extends Observed implements ILogTail {
  constructor(
    private readonly tail: LogTail,
    private readonly leave: () => void
  ) {
    super();
    tail.changed.connect(this.tell, this);
  }

  get text(): string {
    return this.tail.text;
  }

  get known(): boolean {
    return this.tail.known;
  }

  protected override end(): void {
    this.tail.changed.disconnect(this.tell, this);
    this.leave();
  }
}

/** The output of one step as it comes. */
class LogTail extends Observed implements ILogTail {
  constructor(
    private readonly hold: Hold,
    private readonly run: string,
    private readonly step: string
  ) {
    super();
    hold.stream.heard.connect(this.hear, this);
    hold.stream.keepSaying(this.key, () => {
      return { kind: 'tail', run_id: run, step, after: this.after };
    });
  }

  get text(): string {
    return this._text;
  }

  get known(): boolean {
    return this._known;
  }

  protected override end(): void {
    const { run, step } = this;
    this.hold.stream.forget(this.key, { kind: 'untail', run_id: run, step });
    this.hold.dispose();
  }

  private hear(_: EventStream, message: ServerMessage): void {
    if (message.kind !== 'log' || message.run_id !== this.run || message.step !== this.step) {
      return;
    }
    const first = !this._known;
    this._known = true;
    // After a break some may be told twice.
    if (message.after <= this.after) {
      if (first) {
        this.tell(); // nothing has been printed yet
      }
      return;
    }
    this.after = message.after;
    this._text = (this._text + message.text).slice(-MOST);
    this.tell();
  }

  private get key(): string {
    return `${this.run}/${this.step}`;
  }

  private _text = '';
  private _known = false;
  private after = 0;
}
