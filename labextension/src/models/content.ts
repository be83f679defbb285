import type { INotebookContent } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

/** The notebook as it is edited, its outputs left out: what its pipeline is made from. */
export function content(model: INotebookModel): INotebookContent {
  const shared = model.sharedModel;
  const cells = shared.cells.map(cell => {
    const { cell_type, id } = cell;
    const body = { cell_type, id, source: cell.getSource(), metadata: cell.getMetadata() };
    return cell_type === 'code' ? { ...body, outputs: [], execution_count: null } : body;
  });
  const { metadata, nbformat, nbformat_minor } = shared;
  return { metadata, nbformat, nbformat_minor, cells } as INotebookContent;
}

/** What two notebooks share that make the same pipeline: neither outputs nor what a kernel says. */
export function fingerprint({ cells, metadata }: INotebookContent): string {
  // A kernel that has started says its title and language as well.
  return JSON.stringify([cells, metadata.kernelspec?.name]);
}
