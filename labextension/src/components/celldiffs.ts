import { EditorState, StateEffect } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel } from '@lumino/widgets';
import { createEditorFactory } from 'nbdime/lib/common/editor';
import { MergeView } from 'nbdime/lib/common/mergeview';

import { asModel } from '../models/celldiff';
import type { CellChange } from '../tokens';

/** Lines that nbdime leaves out; a click on them shows them. */
const COLLAPSED = '.cm-collapsedLines';
/** nbdime's words for lines that it leaves out. */
const HIDDEN = '(…$ unchanged lines…)';

export interface CellDiffsOptions {
  cells: readonly CellChange[];
  /** What the code is of, as in "load". */
  name: string;
  /** Show the lines that are the same, too. */
  whole: boolean;
  trans: TranslationBundle;
}

/** Cells that differ, each in nbdime's view: to be read, and nothing in it but code. */
export class CellDiffs extends Panel {
  constructor({ cells, name, whole, trans }: CellDiffsOptions) {
    super();
    this.addClass('jp-MlopsCells');
    const factory = createEditorFactory();
    for (const cell of cells) {
      const model = asModel(cell);
      const view = new MergeView({
        remote: model,
        factory,
        extensions: [
          EditorState.phrases.of({ [HIDDEN]: trans.__('… %1 lines are the same', '$') }),
          EditorView.updateListener.of(({ view }) => asButtons(view))
        ],
        collapseIdentical: whole ? false : 3,
        config: { lineNumbers: false, readOnly: true }
      });
      const names = { a: trans.__('%1 in A', name), b: trans.__('%1 in B', name) };
      const editors = [
        { widget: view.base, label: cell.a === null ? names.b : names.a },
        ...(view.right ? [{ widget: view.right.remoteEditorWidget, label: names.b }] : [])
      ];
      for (const { widget, label } of editors) {
        widget.model.mimeType = model.mimetype;
        const attributes = EditorView.contentAttributes.of({
          'aria-label': label,
          tabindex: '0'
        });
        widget.cm.dispatch({ effects: StateEffect.appendConfig.of(attributes) });
      }
      view.toggleClass('jp-mod-ended', model.base !== cell.a);
      this.addWidget(view);
      this.views.push(view);
    }
    this.node.addEventListener('keydown', unfold, { capture: true });
    this.seen.observe(this.node);
  }

  override dispose(): void {
    this.node.removeEventListener('keydown', unfold, { capture: true });
    this.seen.disconnect();
    super.dispose();
  }

  private readonly views: MergeView[] = [];
  // Lines have no height before they are seen, and another one in another theme.
  private readonly seen = new ResizeObserver(() => {
    for (const view of this.views.filter(({ right }) => right)) {
      view.alignViews();
    }
  });
}

/** Have what stands for lines that are left out be reached and told as what it is. */
function asButtons(view: EditorView): void {
  for (const lines of view.contentDOM.querySelectorAll(`${COLLAPSED}:not([role])`)) {
    lines.setAttribute('role', 'button');
    lines.setAttribute('tabindex', '0');
    lines.setAttribute('aria-expanded', 'false');
  }
}

/** Enter and Space show the lines that are left out; the focus goes on to the code. */
function unfold(event: KeyboardEvent): void {
  const { target } = event;
  if (!(target instanceof HTMLElement && target.matches(COLLAPSED))) {
    return;
  }
  if (event.key === 'Enter' || event.key === ' ') {
    const view = EditorView.findFromDOM(target);
    event.preventDefault();
    event.stopPropagation();
    target.click();
    view?.focus();
  }
}
