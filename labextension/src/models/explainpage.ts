import type { IDisposable } from '@lumino/disposable';

import type { PipelineApi } from '../api/pipeline';
import { Observed } from '../observed';
import type { Explained, IPipeline, PipelineView } from '../tokens';
import { colour } from './palette';

/** What would run of one notebook, and why: as the Pipeline panel has it, where that follows it. */
export class ExplainPage extends Observed {
  constructor(
    private readonly pipeline: IPipeline,
    private readonly api: PipelineApi,
    readonly path: string
  ) {
    super();
    pipeline.changed.connect(this.onPipeline, this);
    pipeline.selectedChanged.connect(this.onSelected, this);
  }

  get plan(): Explained | null {
    return this._plan;
  }

  get view(): PipelineView | null {
    return this._view;
  }

  get error(): Error | null {
    return this._error;
  }

  /** Whether the plan may be told anew any moment. */
  get busy(): boolean {
    return this._busy || (this.current && this.pipeline.busy === 'explain');
  }

  /** Whether the notebook was changed since the plan was made, and not saved yet. */
  get unsaved(): boolean {
    return this.current && (this.pipeline.panel?.context.model.dirty ?? false);
  }

  /** Whether the page's notebook is the one that is worked at. */
  get current(): boolean {
    return this.pipeline.path === this.path;
  }

  /** The step that was chosen, here or elsewhere; null until one is. */
  get chosen(): string | null {
    return this._selected;
  }

  get selected(): string | null {
    const steps = this._plan?.steps ?? [];
    const chosen = steps.find(step => step.name === this._selected);
    const first = steps.find(step => step.fate === 'run') ?? steps[0];
    return (chosen ?? first)?.name ?? null;
  }

  protected override end(): void {
    this.sleep();
  }

  wake(): void {
    this.watching ??= this.pipeline.watch();
    this.onPipeline();
    if (!this._plan) {
      void this.look();
    }
  }

  sleep(): void {
    this.watching?.dispose();
    this.watching = null;
  }

  select(step: string): void {
    this._selected = step;
    if (this.current) {
      this.pipeline.select(step);
    }
    this.tell();
  }

  colourOf(step: string): string {
    return colour(this._plan?.steps.findIndex(({ name }) => name === step) ?? -1);
  }

  /** Ask what would run; of a notebook that is worked at after it was saved. */
  async look(): Promise<void> {
    if (this.current) {
      await this.pipeline.explain();
      this._error = this.pipeline.error;
    } else {
      await this.ask();
    }
    this.tell();
  }

  private async ask(): Promise<void> {
    this._busy = true;
    this.tell();
    try {
      const { path } = this;
      const [plan, compiled] = await Promise.all([
        this.api.explain(path, {}),
        this.api.compile({ path })
      ]);
      this._plan = plan;
      this._view = compiled.pipeline;
      this._error = null;
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
    }
    this._busy = false;
  }

  private onPipeline(): void {
    if (!this.current) {
      return;
    }
    const { explained, compiled, error } = this.pipeline;
    // While a plan is made anew the last one stays.
    this._plan = explained ?? this._plan;
    this._view = compiled?.pipeline ?? this._view;
    this._error = error;
    this.tell();
  }

  private onSelected(_: IPipeline, step: string | null): void {
    if (this.current && step !== null && step !== this._selected) {
      this._selected = step;
      this.tell();
    }
  }

  private _plan: Explained | null = null;
  private _view: PipelineView | null = null;
  private _error: Error | null = null;
  private _busy = false;
  private _selected: string | null = null;
  private watching: IDisposable | null = null;
}
