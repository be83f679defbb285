import { StringDiffModel } from 'nbdime/lib/diff/model/string';
import { DiffRangeRaw } from 'nbdime/lib/diff/range';

import type { CellChange } from '../tokens';

/** How a cell's code differs, as nbdime's views take it: a part more or less, a whole cell. */
export function asModel({ a, b, gone, come }: CellChange): StringDiffModel {
  const [only, both] = [a ?? b ?? '', a !== null && b !== null];
  const all = [new DiffRangeRaw(0, only.length)];
  const model = both
    ? new StringDiffModel(`${a}\n`, `${b}\n`, come.map(range), gone.map(range))
    : new StringDiffModel(a, b, a === null ? all : [], a === null ? [] : all);
  model.mimetype = 'text/x-ipython';
  return model;
}

function range([begin, end]: [number, number]): DiffRangeRaw {
  return new DiffRangeRaw(begin, end - begin);
}
