import type { NotebookPanel } from '@jupyterlab/notebook';

import { content, fingerprint } from './content';

/**
 * Notebooks as they were when they were opened.
 *
 * JupyterLab calls a notebook dirty as soon as a kernel has said its version; what would run is
 * still what the file says.
 */
export class Opened {
  /** Remember it as it is, if it is what the file says. */
  note(panel: NotebookPanel | null): void {
    if (panel && !this.known.has(panel)) {
      void panel.context.ready.then(() => {
        if (!panel.context.isDisposed && !panel.context.model.dirty) {
          this.known.set(panel, fingerprint(content(panel.context.model)));
        }
      });
    }
  }

  /** Whether it has other cells than its file, as far as can be told. */
  differs(panel: NotebookPanel): boolean {
    const { context } = panel;
    if (!context.isReady || !context.model.dirty) {
      return false;
    }
    return this.known.get(panel) !== fingerprint(content(context.model));
  }

  private readonly known = new WeakMap<NotebookPanel, string>();
}
