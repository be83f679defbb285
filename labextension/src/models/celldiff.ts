import { StringDiffModel } from 'nbdime/lib/diff/model/string';
import { DiffRangeRaw } from 'nbdime/lib/diff/range';

import type { CellChange } from '../tokens';

/** How a cell's code differs, as nbdime's views take it: a part more or less, a whole cell. */
export function asModel({ a, b, gone, come }: CellChange): StringDiffModel {
  const all = [new DiffRangeRaw(0, (a ?? b ?? '').length)];
  const model =
    a === null || b === null
      ? new StringDiffModel(a, b, a === null ? all : [], a === null ? [] : all)
      : new StringDiffModel(...ended(a, b), come.map(range), gone.map(range));
  model.mimetype = 'text/x-ipython';
  return model;
}

function range([begin, end]: [number, number]): DiffRangeRaw {
  return new DiffRangeRaw(begin, end - begin);
}

/** Where the last lines differ each gets an end, so that one stays itself as others follow it. */
function ended(a: string, b: string): [string, string] {
  const last = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);
  return last(a) === last(b) ? [a, b] : [`${a}\n`, `${b}\n`];
}
