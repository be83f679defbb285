import type { IDisposable } from '@lumino/disposable';

import type { PipelineApi } from '../api/pipeline';
import { Observed } from '../observed';
import type { Explained, IPipeline, IRuns, PipelineView, RunOptions } from '../tokens';
import { colour } from './palette';

/** What would run of one notebook, and why: as the Pipeline panel has it, where that follows it. */
export class ExplainPage extends Observed {
  constructor(
    private readonly pipeline: IPipeline,
    private readonly runs: IRuns,
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
      this.tell();
    } else {
      await this.attempt(() => this.ask());
    }
  }

  /** Run what the plan says, with the options that it was made with; the run's id. */
  async start(more: Partial<RunOptions> = {}): Promise<string | null> {
    const { path, options } = this;
    const id = await (this.current
      ? this.pipeline.start(more)
      : this.attempt(() => this.runs.start(path, { ...options, ...more })));
    this.refused = id === null ? { more, error: this._error } : null;
    return id;
  }

  /** Try once more what `error` tells of; the id of the run that has begun, if one has. */
  async again(): Promise<string | null> {
    const { refused } = this;
    if (refused?.error && refused.error === this._error) {
      return this.start(refused.more);
    }
    await this.look();
    return null;
  }

  private async ask(): Promise<void> {
    const { path, options } = this;
    const { split } = options;
    const [plan, compiled] = await Promise.all([
      this.api.explain(path, options),
      this.api.compile({ path, ...(split && { split }) })
    ]);
    this._plan = plan;
    this._view = compiled.pipeline;
  }

  /** Do it of a notebook that isn't worked at; null where it was refused. */
  private async attempt<T>(act: () => Promise<T>): Promise<T | null> {
    this._busy = true;
    this.tell();
    try {
      const answer = await act();
      this._error = null;
      return answer;
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
      return null;
    } finally {
      this._busy = false;
      this.tell();
    }
  }

  private onPipeline(): void {
    if (!this.current) {
      return;
    }
    const { explained, compiled, error } = this.pipeline;
    // While a plan is made anew the last one stays.
    if (explained) {
      this._plan = explained;
      this.options = this.pipeline.options;
    }
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
  /** What the plan was made with. */
  private options: RunOptions = {};
  /** The run that was refused last, and why. */
  private refused: { more: Partial<RunOptions>; error: Error | null } | null = null;
  private _view: PipelineView | null = null;
  private _error: Error | null = null;
  private _busy = false;
  private _selected: string | null = null;
  private watching: IDisposable | null = null;
}
