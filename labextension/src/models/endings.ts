import { type ISignal, Signal } from '@lumino/signaling';

import type { IRuns, RunHead } from '../tokens';

/** Where tabs of the browser tell each other what has been said. */
export interface Told {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'mlops-lab:told';
/** Ends that are remembered. */
const KEPT = 50;
/** Milliseconds that a hidden tab leaves to one that is seen. */
const LEAVE = 1500;

/** Runs that end, each told once, whichever tab of the browser hears it; one that is seen first. */
export class Endings {
  constructor(
    runs: IRuns,
    private readonly told: Told,
    private readonly hidden: () => boolean
  ) {
    runs.ended.connect(this.onEnded, this);
  }

  get ended(): ISignal<this, RunHead> {
    return this._ended;
  }

  private onEnded(_: IRuns, head: RunHead): void {
    if (this.hidden()) {
      setTimeout(() => this.tell(head), LEAVE);
    } else {
      this.tell(head);
    }
  }

  private tell(head: RunHead): void {
    if (this.claim(head.run_id)) {
      this._ended.emit(head);
    }
  }

  /** Whether it falls to this tab to tell of the run. */
  private claim(id: string): boolean {
    const before = (this.told.getItem(KEY) ?? '').split(' ').filter(Boolean);
    if (before.includes(id)) {
      return false;
    }
    this.told.setItem(KEY, [...before, id].slice(-KEPT).join(' '));
    return true;
  }

  private readonly _ended = new Signal<this, RunHead>(this);
}
