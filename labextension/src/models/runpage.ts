import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { Observed } from '../observed';
import type {
  Connection,
  IPipeline,
  IRunList,
  IRuns,
  RunHead,
  RunView,
  StepRecord,
  StepState
} from '../tokens';
import { type Stop, stopOf } from './failure';
import { colour } from './palette';
import { stateOf } from './states';

/** Everything about one run on one page: the run, its chosen step, and the runs before it. */
export class RunPage extends Observed {
  constructor(
    private readonly runs: IRuns,
    private readonly pipeline: IPipeline | null,
    private readonly trans: TranslationBundle,
    private readonly asked: string,
    readonly id: string
  ) {
    super();
    runs.moved.connect(this.onMoved, this);
    runs.ended.connect(this.onEnded, this);
    runs.deleted.connect(this.onDeleted, this);
    runs.connectionChanged.connect(this.onConnection, this);
    pipeline?.selectedChanged.connect(this.onSelected, this);
  }

  /** The notebook's path where it is known, else the one by which the run was opened. */
  get path(): string {
    return this.view?.head.path ?? this.asked;
  }

  get view(): RunView | null {
    return this.deleted ? null : this.runs.run(this.id);
  }

  /** It was deleted while it was looked at. */
  get gone(): boolean {
    return this.deleted;
  }

  /** Why the run, or the runs before it, can't be told. */
  get error(): Error | null {
    return this._error ?? this.list?.error ?? null;
  }

  /** The runs of the same notebook up to this one, the newest first. */
  get history(): readonly RunHead[] {
    const { list, view } = this;
    if (!list || !view) {
      return [];
    }
    const known = Array.from({ length: Math.min(list.total, HISTORY) }, (_, at) => list.at(at));
    return known.flatMap(head => (head && head.started <= view.head.started ? head : []));
  }

  /** The step that is looked at: the chosen one, else where the run is or failed. */
  get selected(): string | null {
    const steps = this.view?.steps ?? [];
    const named = (name: string | null): boolean => steps.some(step => step.name === name);
    const { view } = this;
    const stopped = view ? stopOf(view)?.step : null;
    const at = [this.chosen, stopped ?? view?.head.step ?? null].find(name => named(name));
    return at ?? steps.at(-1)?.name ?? null;
  }

  protected override end(): void {
    this.sleep();
  }

  /** The page is seen: be up to date. */
  wake(): void {
    if (!this.watching) {
      this.watching = this.runs.watch(this.asked);
      void this.load();
    }
  }

  /** Ask once more for what couldn't be had. */
  again(): void {
    if (this.list?.error) {
      this.list.ask(this.list.query);
    }
    if (this._error) {
      void this.load();
    }
  }

  /** Nobody sees the page: leave the server alone. */
  sleep(): void {
    this.watching?.dispose();
    this.list?.dispose();
    this.watching = this.list = null;
  }

  select(step: string): void {
    this.chosen = step;
    if (this.pipeline && this.pipeline.path === this.path) {
      this.pipeline.select(step);
    }
    this.tell();
  }

  colourOf(step: string): string {
    return colour(this.view?.steps.findIndex(({ name }) => name === step) ?? -1);
  }

  stateOf(name: string, now: number): StepState {
    const { view } = this;
    const steps = view?.steps ?? [];
    const done = new Set(steps.filter(one => one.status === 'succeeded').map(one => one.name));
    const known = {
      record: worked(
        steps.find(one => one.name === name),
        view ? stopOf(view) : null
      ),
      shows: 'run' as const,
      running: view?.head.status === 'running',
      problems: [],
      waitsFor: (view?.graph ?? []).flatMap(([above, below]) =>
        below === name && !done.has(above) ? [above] : []
      ),
      now
    };
    return stateOf(known, this.trans);
  }

  private async load(): Promise<void> {
    try {
      await this.runs.load(this.asked, this.id);
      this._error = null;
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
    }
    if (this.watching && !this.list && this.view) {
      this.list = this.runs.list({ path: this.path, notebook: this.view.head.path !== null });
      this.list.changed.connect(this.tell, this);
    }
    this.tell();
  }

  private onConnection(_: IRuns, { connected }: Connection): void {
    // The list asks again by itself.
    if (connected && this.watching && this._error) {
      void this.load();
    }
    this.tell();
  }

  private onMoved(_: IRuns, head: RunHead): void {
    if (head.run_id === this.id) {
      this.tell();
    }
  }

  /** What is only told of a whole run: its sums, its kernel that was kept. */
  private onEnded(_: IRuns, head: RunHead): void {
    if (head.run_id === this.id && this.watching) {
      void this.load();
    }
  }

  private onDeleted(_: IRuns, id: string): void {
    if (id === this.id) {
      this.deleted = true;
      this.tell();
    }
  }

  private onSelected(pipeline: IPipeline, step: string | null): void {
    if (step !== null && step !== this.chosen && pipeline.path === this.path) {
      this.chosen = step;
      this.tell();
    }
  }

  private _error: Error | null = null;
  private chosen: string | null = null;
  private deleted = false;
  private watching: IDisposable | null = null;
  private list: IRunList | null = null;
}

/**
 * A failed step with the time that was worked at it: home may only have told what a scout met.
 * One that was not through yet when another failed was cancelled by that.
 */
function worked(step: StepRecord | undefined, stop: Stop | null): StepRecord | undefined {
  if (step?.status !== 'failed') {
    return step;
  }
  if (stop && step.error === null && step.name !== stop.step) {
    return { ...step, status: 'cancelled' };
  }
  const busy = step.spans.reduce(
    (sum, { started, ended }) => sum + (ended ?? started) - started,
    0
  );
  return { ...step, seconds: Math.max(step.seconds ?? 0, busy) };
}

/** Runs that plots go over. */
export const HISTORY = 60;
