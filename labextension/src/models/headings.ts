import type { INotebookModel } from '@jupyterlab/notebook';

/** The heading above each cell of a notebook, of the first two levels; null above the first. */
export function headings(model: INotebookModel): (string | null)[] {
  let current: string | null = null;
  return [...model.cells].map(cell => {
    if (cell.type === 'markdown') {
      current = headingIn(cell.sharedModel.getSource()) ?? current;
    }
    return current;
  });
}

/** The last heading of a markdown cell; what stands in code blocks is none. */
export function headingIn(source: string): string | null {
  const text = source.replace(/^(```|~~~).*?^\1/gms, '');
  const found = [...text.matchAll(/^#{1,2}\s+(.+?)\s*#*$/gm)].at(-1)?.[1];
  return found?.replace(/[*_`]+/g, '') ?? null;
}
