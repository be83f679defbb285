import type { ICodeCell, IMarkdownCell, INotebookContent } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook/lib/model';
import { Signal } from '@lumino/signaling';

/** A code cell with its tags, or the text of a markdown cell. */
export type Written = [source: string, ...tags: string[]] | string;

/** A notebook as JSON. */
export function written(...cells: Written[]): INotebookContent {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: cells.map((cell, nth) =>
      typeof cell === 'string'
        ? ({ cell_type: 'markdown', id: `c${nth}`, metadata: {}, source: cell } as IMarkdownCell)
        : ({
            cell_type: 'code',
            id: `c${nth}`,
            metadata: { tags: cell.slice(1) },
            source: cell[0],
            outputs: [{ output_type: 'stream', name: 'stdout', text: 'a result' }],
            execution_count: 1
          } as ICodeCell)
    )
  };
}

/** An open notebook: JupyterLab's own model, and as much around it as models look at. */
export class OpenNotebook {
  readonly model = new NotebookModel();
  saved = 0;
  readonly save = async (): Promise<void> => {
    this.saved++;
    this.model.dirty = false;
    this.saveState.emit('completed');
  };
  readonly saveState = new Signal<this, string>(this);
  readonly content = {
    activeCellIndex: 0,
    activeCellChanged: new Signal<this, void>(this),
    mode: 'edit',
    deselectAll: () => undefined,
    scrollToItem: async () => undefined
  };

  constructor(path: string, body: INotebookContent) {
    this.model.fromJSON(body);
    this.model.dirty = false;
    this.panel = {
      id: path,
      content: this.content,
      disposed: new Signal<this, void>(this),
      context: {
        path,
        model: this.model,
        ready: Promise.resolve(),
        isReady: true,
        isDisposed: false,
        pathChanged: new Signal<this, string>(this),
        saveState: this.saveState,
        save: this.save
      }
    } as unknown as NotebookPanel;
  }

  readonly panel: NotebookPanel;

  write(cell: number, source: string): void {
    this.model.cells.get(cell).sharedModel.setSource(source);
  }
}
