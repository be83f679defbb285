import type { NotebookPanel } from '@jupyterlab/notebook';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

/** The current notebook is followed as long as somebody watches, else left alone. */
export class Watching<T extends IDisposable> {
  constructor(
    private readonly follow: (panel: NotebookPanel) => T,
    private readonly rested: () => void
  ) {}

  /** What follows the notebook; null while nobody watches. */
  get following(): T | null {
    return this._following;
  }

  watch(): IDisposable {
    this.watchers++;
    this.wake();
    return new DisposableDelegate(() => {
      if (--this.watchers === 0) {
        this.rest();
      }
    });
  }

  /** It is about another notebook. */
  turn(panel: NotebookPanel | null): void {
    this.rest();
    this.panel = panel;
    this.wake();
  }

  private wake(): void {
    if (this.panel && this.watchers && !this._following) {
      this._following = this.follow(this.panel);
    }
  }

  private rest(): void {
    this._following?.dispose();
    this._following = null;
    this.rested();
  }

  private panel: NotebookPanel | null = null;
  private _following: T | null = null;
  private watchers = 0;
}
