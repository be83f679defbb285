import type { INotebookModel } from '@jupyterlab/notebook';

import type { Problem } from '../tokens';

export type Fix = NonNullable<Problem['fix']>;

/** Give a cell the tag that mends it; one step back undoes it. Whether there was such a tag. */
export function mend(model: INotebookModel, { cell: number, old, new: instead }: Fix): boolean {
  const cell = model.cells.get(number - 1)?.sharedModel;
  const tags: unknown = cell?.getMetadata('tags');
  if (!cell || !Array.isArray(tags) || !tags.includes(old)) {
    return false;
  }
  const kept = (tags as unknown[]).flatMap(tag => (tag !== old ? [tag] : instead ? [instead] : []));
  cell.transact(() =>
    kept.length ? cell.setMetadata('tags', kept as string[]) : cell.deleteMetadata('tags')
  );
  return true;
}
