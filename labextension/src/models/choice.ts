import type { NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import type { StepView } from '../tokens';

/** The chosen step of the current notebook: it follows the active cell, and leads to its cells. */
export class Choice {
  /**
   * `activate` brings a notebook to the front and focuses it.
   */
  constructor(
    private readonly steps: () => readonly StepView[],
    private readonly activate: (panel: NotebookPanel) => void
  ) {}

  get step(): string | null {
    return this._step;
  }

  get changed(): ISignal<this, string | null> {
    return this._changed;
  }

  /** It is about another notebook, of which nothing is chosen yet. */
  turn(panel: NotebookPanel | null): void {
    this.panel?.content.activeCellChanged.disconnect(this.onActiveCell, this);
    this.panel = panel;
    panel?.content.activeCellChanged.connect(this.onActiveCell, this);
    this.select(null);
  }

  select(step: string | null): void {
    if (step !== this._step) {
      this._step = step;
      this._changed.emit(step);
    }
  }

  /** Make a step's first cell, or a cell counted from 1, the active one, in view. */
  reveal(place: string | number): void {
    const first = (name: string) => this.steps().find(step => step.name === name)?.cells[0];
    const number = typeof place === 'number' ? place : first(place);
    const { panel } = this;
    if (!panel || number === undefined) {
      return;
    }
    if (typeof place === 'string') {
      this.select(place);
    }
    this.activate(panel);
    panel.content.mode = 'command';
    panel.content.deselectAll();
    panel.content.activeCellIndex = number - 1;
    void panel.content.scrollToItem(number - 1, 'smart');
  }

  private onActiveCell(): void {
    const number = (this.panel?.content.activeCellIndex ?? -1) + 1;
    const step = this.steps().find(one => one.cells.includes(number));
    if (step) {
      this.select(step.name);
    }
  }

  private readonly _changed = new Signal<this, string | null>(this);
  private panel: NotebookPanel | null = null;
  private _step: string | null = null;
}
