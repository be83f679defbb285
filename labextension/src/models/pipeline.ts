import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
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
import { Acting } from './acting';
import { mend } from './fixing';
import { Following, type Moved } from './following';
import { Opened } from './opened';
import { Kept } from './kept';
import { colour } from './palette';
import { Planning } from './planning';
import { problemsAt } from './problems';
import { stateIn } from './states';
import { Wanted } from './wanted';

/** The current notebook as a pipeline: its steps, what would run, and its newest run. */
export class Pipeline implements IPipeline {
  /**
   * `activate` brings a notebook to the front and focuses it; `kept` is how runs were wanted last.
   */
  constructor(
    settings: ServerConnection.ISettings,
    private readonly runs: IRuns,
    private readonly trans: TranslationBundle,
    private readonly activate: (panel: NotebookPanel) => void,
    kept = new Kept(null, '')
  ) {
    this.wanted = new Wanted(kept);
    this.wanted.changed.connect(this.onWanted, this);
    this.api = new PipelineApi(settings);
    this.planning = new Planning(this.api);
    this.acting.changed.connect(() => this._changed.emit());
    this.planning.changed.connect(() => {
      this.counts &&= this.explained === null;
      this._changed.emit();
    });
    runs.connectionChanged.connect((_, { connected }) => {
      if (connected) {
        this.lookAgain();
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
    this.rest();
    this._panel?.content.activeCellChanged.disconnect(this.onActiveCell, this);
    this._panel?.context.pathChanged.disconnect(this.onPath, this);
    this.planning.clear();
    this.counts = true;
    this._panel = panel;
    this.acting.clear();
    this.wanted.turn(panel?.context.path ?? null);
    panel?.content.activeCellChanged.connect(this.onActiveCell, this);
    panel?.context.pathChanged.connect(this.onPath, this);
    this.opened.note(panel);
    panel?.disposed.connect(() => this._panel === panel && (this.panel = null));
    this.select(null);
    this.wake();
    this._changed.emit();
  }

  get path(): string | null {
    return this._panel?.context.path ?? null;
  }

  get compiled(): Compiled | null {
    return this.following?.compiling.compiled ?? null;
  }

  get explained(): Explained | null {
    return this.planning.plan;
  }

  get run(): RunView | null {
    return this.following?.newest.view ?? null;
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
    return this._selected;
  }

  get error(): Error | null {
    return this.acting.error ?? this.following?.error ?? this.planning.error;
  }

  get unsaved(): boolean {
    return this.following?.unsaved ?? false;
  }

  get busy(): 'start' | 'explain' | null {
    return this.acting.busy;
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
    this.watchers++;
    this.wake();
    return new DisposableDelegate(() => {
      if (--this.watchers === 0) {
        this.rest();
      }
    });
  }

  select(step: string | null): void {
    if (step !== this._selected) {
      this._selected = step;
      this._selectedChanged.emit(step);
    }
  }

  reveal(place: string | number): void {
    const number = typeof place === 'number' ? place : this.step(place)?.cells[0];
    const panel = this._panel;
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

  async start(options: Partial<RunOptions> = {}): Promise<string | null> {
    return this.acting.on(this._panel?.context, 'start', async path => {
      this.mustBeTyped();
      return this.began(await this.runs.start(path, { ...this.options, ...options }));
    });
  }

  async resume(): Promise<string | null> {
    const id = this.run?.head.run_id;
    return id === undefined
      ? null
      : this.acting.on(this._panel?.context, 'start', async path => this.began(await this.runs.resume(path, id)));
  }

  again(): void {
    if (this.acting.error) {
      void this.acting.again();
    } else {
      this.lookAgain();
    }
  }

  async cancel(): Promise<void> {
    const { path, run } = this;
    if (path !== null && run?.head.status === 'running') {
      await this.acting.attempt(() => this.runs.cancel(path, run.head.run_id));
    }
  }

  async explain(): Promise<Explained | null> {
    return this.acting.on(this._panel?.context, 'explain', path => {
      this.mustBeTyped();
      return this.planning.ask(path, this.options);
    });
  }

  /** A run with another value than the one that she sees helps nobody. */
  private mustBeTyped(): void {
    const [name] = this.form.mistyped;
    if (name !== undefined) {
      throw new Error(this.trans.__('“%1” needs another value: see Parameters', name));
    }
  }

  /** Ask once more for what couldn't be had; acts are hers to repeat. */
  private lookAgain(): void {
    this.following?.again();
    if (this.planning.error) {
      this.explainLater();
    }
  }

  private onWanted(): void {
    this.acting.clear();
    this.know();
    if (this.following) {
      this.following.compiling.split = this.options.split;
    }
    this.forgetPlan();
    this.explainLater();
  }

  private onPath(_: unknown, path: string): void {
    this.wanted.move(path);
  }

  private began(id: string): string {
    this.planning.forget();
    this.counts = true;
    this.following?.newest.take(id);
    return id;
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

  /** The rail goes along with the notebook. */
  private onActiveCell(): void {
    const number = (this._panel?.content.activeCellIndex ?? -1) + 1;
    const step = this.compiled?.pipeline?.steps.find(one => one.cells.includes(number));
    if (step) {
      this.select(step.name);
    }
  }

  private step(name: string) {
    return this.compiled?.pipeline?.steps.find(step => step.name === name);
  }

  /** Follow the notebook, if somebody watches and it isn't followed yet. */
  private wake(): void {
    const panel = this._panel;
    if (panel && this.watchers && !this.following) {
      this.following = new Following(this.api, this.runs, panel, this.opened.differs(panel));
      this.following.compiling.split = this.options.split;
      this.following.moved.connect(this.onMoved, this);
    }
  }

  private know(): void {
    const { pipeline, problems } = this.compiled ?? {};
    if (pipeline) {
      const broken = problems?.some(problem => !problem.warning) ?? false;
      this.wanted.form.know(pipeline.parameters, broken);
    }
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
      this.know();
      if (!this.explained) {
        this.explainLater();
      }
    }
    this._changed.emit();
  }

  /** Nobody watches: leave the notebook and the server alone. */
  private rest(): void {
    this.planning.forget();
    this.following?.dispose();
    this.following = null;
  }

  private readonly api: PipelineApi;
  private readonly planning: Planning;
  private readonly acting = new Acting();
  private readonly wanted: Wanted;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _selectedChanged = new Signal<this, string | null>(this);
  private _panel: NotebookPanel | null = null;
  private _selected: string | null = null;
  private following: Following | null = null;
  /** Whether what the newest run did says more than what would run: nothing changed since. */
  private counts = true;
  private readonly opened = new Opened();
  private watchers = 0;
}
