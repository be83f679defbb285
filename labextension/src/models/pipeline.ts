import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { PipelineApi } from '../api/pipeline';
import type {
  Compiled,
  Explained,
  IParameterForm,
  IPipeline,
  IRuns,
  Problem,
  RunOptions,
  RunView,
  StepState
} from '../tokens';
import { Acts, type Began } from './acts';
import { Choice } from './choice';
import { mend } from './fixing';
import { Following, type Moved } from './following';
import { Opened } from './opened';
import { Kept } from './kept';
import { colour } from './palette';
import { Planning } from './planning';
import { problemsAt } from './problems';
import { stateIn } from './states';
import { Wanted } from './wanted';
import { Watching } from './watching';

/** The current notebook as a pipeline: its steps, what would run, and its newest run. */
export class Pipeline implements IPipeline {
  /** `activate` brings a notebook to the front, focused; `kept` is how runs were wanted last. */
  constructor(
    settings: ServerConnection.ISettings,
    private readonly runs: IRuns,
    private readonly trans: TranslationBundle,
    activate: (panel: NotebookPanel) => void,
    kept = new Kept(null, '')
  ) {
    this.choice = new Choice(() => this.compiled?.pipeline?.steps ?? [], activate);
    this.choice.changed.connect((_, step) => this._selectedChanged.emit(step));
    this.wanted = new Wanted(kept);
    this.wanted.changed.connect(this.onWanted, this);
    this.api = new PipelineApi(settings);
    this.planning = new Planning(this.api);
    this.acts = new Acts(runs, this.planning, this.wanted, trans);
    this.acts.began.connect(this.onBegan, this);
    this.acts.changed.connect(() => this._changed.emit());
    this.planning.changed.connect(() => {
      this.counts &&= this.explained === null;
      this._changed.emit();
    });
    runs.connectionChanged.connect((_, { connected }) => {
      if (connected) {
        this.watching.following?.heard();
        this.planAgain();
      }
      this._changed.emit();
    });
  }

  get panel(): NotebookPanel | null {
    return this._panel;
  }

  set panel(panel: NotebookPanel | null) {
    if (panel === this._panel) {
      return;
    }
    this.planning.clear();
    this.counts = true;
    this._panel = panel;
    this.acts.leave();
    this.wanted.turn(panel?.context ?? null);
    this.opened.note(panel);
    panel?.disposed.connect(() => this._panel === panel && (this.panel = null));
    this.watching.turn(panel);
    this.choice.turn(panel);
    this._changed.emit();
  }

  get path(): string | null {
    return this._panel?.context.path ?? null;
  }

  get compiled(): Compiled | null {
    return this.watching.following?.compiling.compiled ?? null;
  }

  get explained(): Explained | null {
    return this.planning.plan;
  }

  get run(): RunView | null {
    return this.watching.following?.newest.view ?? null;
  }

  get shows(): 'run' | 'plan' | null {
    const { run } = this;
    if (run && (this.counts || run.head.status === 'running')) {
      return 'run';
    }
    return this.explained ? 'plan' : null;
  }

  get usual(): ReadonlyMap<string, number> {
    return this.planning.usual;
  }

  get selected(): string | null {
    return this.choice.step;
  }

  get error(): Error | null {
    return this.acts.error ?? this.watching.following?.error ?? this.planning.error;
  }

  get unsaved(): boolean {
    return this.watching.following?.unsaved ?? false;
  }

  get busy(): 'start' | 'explain' | null {
    return this.acts.busy;
  }

  get options(): RunOptions {
    return this.wanted.options;
  }

  get form(): IParameterForm {
    return this.wanted.form;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get selectedChanged(): ISignal<this, string | null> {
    return this._selectedChanged;
  }

  watch(): IDisposable {
    return this.watching.watch();
  }

  select(step: string | null): void {
    this.choice.select(step);
  }

  reveal(place: string | number): void {
    this.choice.reveal(place);
  }

  colourOf(step: string): string {
    const steps = this.compiled?.pipeline?.steps ?? this.run?.steps ?? [];
    return colour(steps.findIndex(({ name }) => name === step));
  }

  stateOf(name: string): StepState {
    const { explained: plan, shows } = this;
    // A run that has just begun has not told yet how its steps hang together.
    const edges = this.compiled?.pipeline?.edges ?? [];
    const run = this.run && { ...this.run, graph: this.run.graph.length ? this.run.graph : edges };
    return stateIn({ name, run, plan, shows, problems: this.problemsOf(name) }, this.trans);
  }

  problemsOf(place: string | number): readonly Problem[] {
    return problemsAt(this.compiled, place);
  }

  want(options: Partial<Omit<RunOptions, 'params'>>): void {
    this.wanted.want(options);
  }

  fix(problem: Problem): void {
    if (problem.fix && this._panel) {
      mend(this._panel.context.model, problem.fix);
    }
  }

  start(options: Partial<RunOptions> = {}): Promise<string | null> {
    return this.acts.start(this._panel?.context, options);
  }

  async resume(): Promise<string | null> {
    const id = this.run?.head.run_id;
    return id === undefined ? null : this.acts.resume(this._panel?.context, id);
  }

  again(): void {
    if (this.acts.error) {
      void this.acts.again();
    } else {
      this.watching.following?.again();
      this.planAgain();
    }
  }

  async cancel(): Promise<void> {
    const { path, run } = this;
    if (path !== null && run) {
      await this.acts.cancel(path, run.head);
    }
  }

  explain(): Promise<Explained | null> {
    return this.acts.explain(this._panel?.context);
  }

  /** Ask once more for a plan that couldn't be had; acts are hers to repeat. */
  private planAgain(): void {
    if (this.planning.error) {
      this.explainLater();
    }
  }

  private onWanted(): void {
    this.acts.clear();
    this.wanted.know(this.compiled);
    if (this.watching.following) {
      this.watching.following.compiling.split = this.options.split;
    }
    this.forgetPlan();
    this.explainLater();
  }

  private onBegan(_: Acts, { notebook, id }: Began): void {
    if (notebook === this._panel?.context) {
      this.planning.forget();
      this.counts = true;
      this.wanted.form.settle();
      this.watching.following?.newest.take(id);
    }
  }

  /** Look ahead unasked, at the file as saved. */
  private explainLater(): void {
    this.planning.askLater(() => {
      const { path, compiled } = this;
      const idle = this.run?.head.status !== 'running' && !this.busy;
      const clear = compiled?.problems.every(problem => problem.warning) ?? false;
      const said = !this.unsaved && !this.form.mistyped.length;
      const ready = compiled?.pipeline && clear && idle && said;
      return path !== null && ready ? [path, this.options] : null;
    });
  }

  private forgetPlan(): void {
    this.planning.forget();
    this.counts = false;
    this._changed.emit();
  }

  private follow(panel: NotebookPanel): Following {
    const following = new Following(this.api, this.runs, panel, this.opened.differs(panel));
    following.compiling.split = this.options.split;
    following.moved.connect(this.onMoved, this);
    return following;
  }

  private onMoved(_: Following, what: Moved): void {
    const { run } = this;
    if (what === 'edited') {
      return this.forgetPlan();
    }
    if (what === 'ran') {
      if (run?.head.status === 'running') {
        this.planning.forget();
        this.counts = true;
      }
      const ran = run?.steps.filter(step => step.status === 'succeeded' && !step.cached);
      this.planning.learn(ran ?? []);
    } else {
      this.wanted.know(this.compiled);
      if (!this.explained) {
        this.explainLater();
      }
    }
    this._changed.emit();
  }

  private readonly api: PipelineApi;
  private readonly planning: Planning;
  private readonly choice: Choice;
  private readonly acts: Acts;
  private readonly wanted: Wanted;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _selectedChanged = new Signal<this, string | null>(this);
  private _panel: NotebookPanel | null = null;
  /** Whether what the newest run did says more than what would run: nothing changed since. */
  private counts = true;
  private readonly opened = new Opened();
  private readonly watching = new Watching(
    panel => this.follow(panel),
    () => this.planning.forget()
  );
}
