import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { colour } from '../models/palette';
import type { IPipeline } from '../tokens';
import { Editor } from './editor';
import { type Scope, apply, changes } from './edits';
import { byTags, type Place } from './layout';
import { Popup } from './popup';
import { type CellSaid, saidBy } from './said';
import { NOTHING, type Wanted, readTags } from './tags';

/** The cells that an edit is about, and what they are now. */
export interface Subject {
  scope: Scope;
  now: Wanted;
  /** The step that is edited as a whole, and may be renamed. */
  whole: string | null;
  /** The step that the first cell joins without a name of its own. */
  joins: string | null;
}

/**
 * What an edit of these cells is about. One cell that bears its step's name stands for all of the
 * step; any other cells are meant as they are.
 */
export function subject(cells: readonly CellSaid[], chosen: readonly number[]): Subject | null {
  const scope = chosen.filter(at => cells[at]?.code);
  const first = cells[scope[0] ?? -1];
  if (!first) {
    return null;
  }
  const { label, step, facts } = first.marks;
  const places = byTags(cells);
  if (scope.length === 1 && step !== null) {
    const named = cells.flatMap(({ marks }, at) => (marks.step === step ? [at] : []));
    if (named[0] === scope[0]) {
      return { scope: named, now: { label, step, facts }, whole: step, joins: null };
    }
  }
  const joins = step === null && !label ? nameOf(places[scope[0] ?? -1]) : null;
  return { scope, now: { label, step, facts: step === null ? NOTHING : facts }, whole: null, joins };
}

function nameOf(place: Place | null | undefined): string | null {
  return place?.role === 'step' ? place.name : null;
}

/** The editor of steps, of which one at most is open. */
export class Editing {
  constructor(
    private readonly pipeline: IPipeline,
    private readonly trans: TranslationBundle
  ) {}

  /** Open it on cells of a notebook, beside one of them. */
  open(panel: NotebookPanel, chosen: readonly number[]): void {
    this.popup?.dispose();
    const { model } = panel.context;
    const cells = saidBy(model);
    const about = subject(cells, chosen);
    if (!about) {
      return;
    }
    const first = about.scope[0] ?? 0;
    const close = (): void => this.close(panel, first);
    const edit = (wanted: Wanted): void => {
      const renamed = about.whole !== wanted.step ? about.whole : null;
      apply(model, changes(saidBy(model), about.scope, wanted, renamed));
      if (wanted.step !== null) {
        this.pipeline.select(wanted.step);
      }
      close();
    };
    const popup = new Popup(
      (
        <Editor
          {...this.known(cells, about)}
          now={about.now}
          joins={about.joins}
          line={Boolean(cells[first]?.line)}
          trans={this.trans}
          preview={wanted => preview(cells, about.scope, wanted)}
          onAccept={edit}
          onRemove={() => edit({ label: '', step: null, facts: NOTHING })}
          onClose={close}
        />
      ),
      () => (panel.content.widgets[first]?.node ?? panel.node).getBoundingClientRect(),
      this.trans.__('Step')
    );
    this.popup = popup;
    panel.disposed.connect(() => popup.dispose());
    popup.open();
  }

  /** What is known of the steps around. */
  private known(cells: readonly CellSaid[], { scope, whole, now }: Subject) {
    const places = byTags(cells);
    const first = scope[0] ?? 0;
    const steps = (end: number): string[] => {
      const found = places.slice(0, end).flatMap(place => nameOf(place) ?? []);
      return [...new Set(found)];
    };
    const all = steps(places.length);
    const view = this.pipeline.compiled?.pipeline?.steps.find(step => step.name === now.step);
    const own = whole === null ? scope.length : places.filter(place => nameOf(place) === whole).length;
    return {
      cells: own,
      names: all.filter(name => name !== 'preamble' && name !== 'pipeline-metrics'),
      above: steps(first).filter(name => name !== now.step),
      found: (view?.reads ?? [])
        .flatMap(read => read.source ?? [])
        .filter((name, at, every) => every.indexOf(name) === at),
      colour: colour(now.step === null ? all.length : all.indexOf(now.step))
    };
  }

  /** Back to the cell. */
  private close(panel: NotebookPanel, cell: number): void {
    this.popup?.dispose();
    this.popup = null;
    if (!panel.isDisposed) {
      panel.content.mode = 'command';
      panel.content.activeCellIndex = cell;
      panel.content.activate();
    }
  }

  private popup: Popup | null = null;
}

/** What would be written to the first cell. */
function preview(cells: readonly CellSaid[], scope: Scope, wanted: Wanted): string {
  const [first = -1] = scope;
  const change = changes(cells, scope, wanted).find(one => one.cell === first);
  const { line, tags } = cells[first] ?? { line: null, tags: [] };
  if (line && wanted.step !== null) {
    return change?.source?.text ?? line.text;
  }
  const own = readTags(change?.tags ?? tags);
  return own.step === null && !own.label ? '' : (change?.tags ?? tags).join(' ');
}
