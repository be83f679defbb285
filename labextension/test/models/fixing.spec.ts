import { expect, it } from 'vitest';

import { mend } from '../../src/models/fixing';
import { OpenNotebook, written } from '../notebook';

it.each([
  ['another tag', { cell: 1, old: 'step', new: 'step:a' }, true, ['x', 'step:a']],
  ['one tag less', { cell: 1, old: 'x', new: '' }, true, ['step']],
  ['what it has, where the tag is gone already', { cell: 1, old: 'y', new: 'z' }, false, ['x', 'step']],
  ['what it has, where the cell is gone already', { cell: 9, old: 'x', new: 'z' }, false, ['x', 'step']]
])('a cell gets %s', (_, fix, done, tags) => {
  const { model } = new OpenNotebook('a.ipynb', written(['1', 'x', 'step']));
  expect(mend(model, fix)).toBe(done);
  expect(model.cells.get(0).sharedModel.getMetadata('tags')).toEqual(tags);
});
