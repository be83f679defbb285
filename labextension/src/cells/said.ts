import type { INotebookModel } from '@jupyterlab/notebook';

import { type StepLine, stepLine } from './stepline';
import { type Marks, readTags } from './tags';

/** A cell as the pipeline sees it: its tags, its line, and what both say. */
export interface CellSaid {
  code: boolean;
  /** Whether there is nothing in it. */
  empty: boolean;
  tags: readonly string[];
  line: StepLine | null;
  marks: Marks;
}

/** What the cells of a notebook say, in their order. */
export function saidBy(model: INotebookModel): CellSaid[] {
  return model.sharedModel.cells.map(cell => {
    const source = cell.getSource();
    const tags = cell.getMetadata('tags');
    return cellSaid(cell.cell_type === 'code', source, tags);
  });
}

export function cellSaid(code: boolean, source: string, tags: unknown): CellSaid {
  const own = Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
  const line = code ? stepLine(source) : null;
  const marks = readTags(code ? [...(line?.tags ?? []), ...own] : []);
  return { code, empty: !source.trim(), tags: own, line, marks };
}

/** Whether a cell of the notebook says that it belongs to a pipeline. */
export function isPipeline(cells: readonly CellSaid[]): boolean {
  return cells.some(({ marks: { kind, label } }) => kind === 'step' || (kind !== 'untagged' && label !== 'injected-parameters'));
}
