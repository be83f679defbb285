import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Fragment, type ReactPortal } from 'react';
import { createPortal } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { Disposable } from '../observed';
import type { IPipeline, Problem } from '../tokens';
import { Anchors } from './anchors';
import { Chip } from './chip';
import { replaced } from './edits';
import { bySegments, byTags, type Shown, shown } from './layout';
import { BLANK, type Memory, remembered } from './memory';
import { Proposal } from './proposal';
import { type CellSaid, isPipeline, saidBy } from './said';
import { Strip } from './strip';
import { type Proposals, proposed } from './suggestion';
import { Turn } from './turn';

/** When chips are shown: in notebooks that are pipelines, in all, in none. */
export type When = 'auto' | 'always' | 'never';

export interface Acts {
  edit(panel: NotebookPanel, cell: number, anchor: HTMLElement): void;
  fix(panel: NotebookPanel, problem: Problem): void;
}

/** Milliseconds after the last change of the notebook. */
const PAUSE = 40;
/** Milliseconds without a key after which a mistake in the line that is being written is told. */
const REST = 1000;

/** Chips, bands and problems at the cells of one notebook. */
export class Marking extends Disposable {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly pipeline: IPipeline,
    private readonly proposals: Proposals,
    private readonly acts: Acts,
    private readonly trans: TranslationBundle,
    private _when: When
  ) {
    super();
    const { context, content } = panel;
    context.model.contentChanged.connect(this.onContent, this);
    content.activeCellChanged.connect(this.soon, this);
    content.stateChanged.connect(this.soon, this);
    pipeline.changed.connect(this.soon, this);
    pipeline.selectedChanged.connect(this.soon, this);
    proposals.changed.connect(this.soon, this);
    panel.disposed.connect(this.dispose, this);
    void context.ready.then(() => this.onContent());
  }

  set when(when: When) {
    this._when = when;
    this.soon();
  }

  protected override end(): void {
    clearTimeout(this.timer);
    clearTimeout(this.later);
    clearInterval(this.clock);
    cancelAnimationFrame(this.frame);
    this.watching?.dispose();
    if (!this.panel.isDisposed) {
      this.panel.content.widgets.forEach(cell => this.bare(cell));
    }
    this.root.unmount();
  }

  private onContent(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.said = null;
      this.soon();
    }, PAUSE);
    const { activeCell, mode } = this.panel.content;
    const source = mode === 'edit' ? activeCell?.model.sharedModel.getSource() : undefined;
    if (source !== undefined && source !== this.written) {
      this.written = source;
      this.typed = performance.now();
    }
  }

  private soon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  private render(): void {
    const { panel, pipeline } = this;
    if (this.isDisposed || panel.isDisposed || !panel.context.isReady) {
      return;
    }
    const current = pipeline.panel === panel;
    const said = (this.said ??= saidBy(panel.context.model));
    const own = this._when === 'always' || (this._when === 'auto' && isPipeline(said));
    this.watch(current && own);
    if (current) {
      this.memory = pipeline.compiled ? remembered(pipeline, this.trans) : { ...this.memory, selected: pipeline.selected };
    }
    const shows = this._when !== 'never' && (own || (current && pipeline.compiled !== null));
    const proposal = this.proposals.of(panel);
    const places = proposal
      ? shown(proposed(proposal, panel.content.widgets.map(cell => cell.model.id)))
      : shows
        ? shown(this.placed(said))
        : said.map(() => null);
    const portals = panel.content.widgets.map((cell, at) => this.at(cell, at, places[at] ?? null, said));
    this.root.render(<>{portals}</>);
    this.tick(current && this.memory.running);
  }

  private placed(said: readonly CellSaid[]) {
    const { view, byTags: tags } = this.memory;
    return !tags && view ? bySegments(view, said) : byTags(said);
  }

  /** What stands at one cell. */
  private at(cell: Cell, at: number, place: Shown | null, said: readonly CellSaid[]): ReactPortal[] {
    const { anchors, panel } = this;
    const id = cell.model.id;
    const found: ReactPortal[] = [];
    const proposal = this.proposals.of(panel);
    anchors.band(cell, place);
    if (place?.chip) {
      const chip = proposal?.some(one => one.cells[0] === id) ? (
        <Proposal cell={id} panel={panel} proposals={this.proposals} trans={this.trans} />
      ) : (
        this.chip(place, at)
      );
      found.push(createPortal(chip, anchors.head(cell), `head ${id}`));
    }
    const problems = place === null || proposal ? [] : this.told(at, cell);
    const foot = problems.length ? anchors.foot(cell) : null;
    if (foot) {
      found.push(createPortal(this.strips(problems, said), foot, `foot ${id}`));
    }
    const kind = place?.role === 'step' && !proposal ? this.memory.turns.get(at) : undefined;
    const turn = place && kind ? anchors.turn(cell) : null;
    if (turn && place && kind) {
      found.push(createPortal(<Turn step={place.name} kind={kind} trans={this.trans} />, turn, `turn ${id}`));
    }
    if ((problems.length && !foot) || (kind && !turn)) {
      this.awaitDrawn(cell);
    }
    anchors.clear(cell, { head: Boolean(place?.chip), foot: foot !== null, turn: turn !== null });
    return found;
  }

  /** Mark a cell again once it is drawn: waited for once, however often it is asked for till then. */
  private awaitDrawn(cell: Cell): void {
    if (!this.awaited.has(cell)) {
      this.awaited.add(cell);
      void cell.ready.then(() => this.soon());
    }
  }

  private chip(place: Shown, at: number) {
    const { memory, trans } = this;
    const { name, role } = place;
    const step = role === 'step';
    const state = step ? memory.states.get(name) : undefined;
    return (
      <Chip
        chip={place.chip ?? 'quiet'}
        name={name}
        role={role}
        state={state?.kind ?? 'none'}
        words={state?.words ?? ''}
        progress={state?.progress}
        flow={place.chip === 'step' ? (memory.flows.get(name) ?? '') : ''}
        why={step ? (memory.whys.get(name) ?? '') : ''}
        selected={step && memory.selected === name}
        stop={at === this.panel.content.activeCellIndex}
        trans={trans}
        onSelect={this.select}
        onOpen={this.open}
      />
    );
  }

  private strips(problems: readonly Problem[], said: readonly CellSaid[]) {
    return problems.map((problem, nth) => (
      <Fragment key={`${nth} ${problem.message}`}>
        <Strip
          problem={problem}
          trans={this.trans}
          fixes={Boolean(problem.fix && replaced(said, problem.fix.cell - 1, problem.fix.old, problem.fix.new).length)}
          onFix={this.fix}
          onGo={this.go}
        />
      </Fragment>
    ));
  }

  /** The problems of a cell; where a line is just being written its mistakes wait for a rest. */
  private told(at: number, cell: Cell): readonly Problem[] {
    const all = this.memory.problems.filter(problem => problem.cell === at + 1);
    const id = cell.model.id;
    const { content } = this.panel;
    const rests = performance.now() - this.typed;
    const writes = content.activeCell === cell && content.mode === 'edit' && rests < REST;
    if (!writes) {
      this.seen.set(id, new Set(all.map(problem => problem.message)));
      return all;
    }
    const seen = this.seen.get(id);
    const old = all.filter(problem => problem.line === null || seen?.has(problem.message));
    if (old.length < all.length) {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.soon(), REST - rests + 10);
    }
    return old;
  }

  private readonly select = (chip: HTMLElement, name: string | null): void => {
    const { content } = this.panel;
    content.activeCellIndex = this.placeOf(chip);
    content.mode = 'command';
    content.activate();
    if (name !== null && this.pipeline.panel === this.panel) {
      this.pipeline.select(name);
    }
  };

  private placeOf(chip: HTMLElement): number {
    return this.panel.content.widgets.findIndex(cell => cell.node.contains(chip));
  }

  private readonly open = (chip: HTMLElement): void => {
    const at = this.placeOf(chip);
    if (at >= 0) {
      this.acts.edit(this.panel, at, chip);
    }
  };

  private readonly fix = (problem: Problem): void => this.acts.fix(this.panel, problem);

  private readonly go = (cell: number): void => this.pipeline.reveal(cell);

  private watch(wanted: boolean): void {
    if (wanted) {
      this.watching ??= this.pipeline.watch();
    } else if (this.watching) {
      const watching = this.watching;
      this.watching = null;
      watching.dispose();
    }
  }

  /** While a step runs its seconds go on. */
  private tick(goes: boolean): void {
    if (goes && !this.clock) {
      this.clock = setInterval(() => this.panel.isVisible && this.soon(), 1000);
    } else if (!goes) {
      clearInterval(this.clock);
      this.clock = undefined;
    }
  }

  private bare(cell: Cell): void {
    this.anchors.band(cell, null);
    this.anchors.clear(cell, { head: false, foot: false, turn: false });
  }

  private readonly anchors = new Anchors();
  private readonly root = createRoot(document.createElement('div'));
  private readonly seen = new Map<string, ReadonlySet<string>>();
  private readonly awaited = new WeakSet<Cell>();
  private said: CellSaid[] | null = null;
  private memory: Memory = BLANK;
  private watching: IDisposable | null = null;
  private written = '';
  private typed = -Infinity;
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private later: ReturnType<typeof setTimeout> | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;
}
