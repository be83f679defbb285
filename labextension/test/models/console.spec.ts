import { expect, it } from 'vitest';

import { consolePath, runOfConsole } from '../../src/models/console';
import { expression } from '../../src/models/loading';

const ID = '20261121-100000-aaaa';

it.each([
  ['cars/train.ipynb', 'cars', `cars/mlops-failed-${ID}`],
  ['train.ipynb', '', `mlops-failed-${ID}`],
  ['a b/cars', 'a b/cars', `a b/cars/mlops-failed-${ID}`]
])('the console at a failed step of %s is known by its path', (path, folder, expected) => {
  const place = consolePath({ path, run_id: ID });
  expect(place).toBe(expected);
  expect(runOfConsole(place)).toEqual({ path: folder, run_id: ID });
});

it.each(['cars/console-1-0f', 'mlops-failed-', 'mlops-failed-a/b'])('%s is any other console', path => {
  expect(runOfConsole(path)).toBeNull();
});

it('a step reaches the magic as one word, whatever is in its name', () => {
  expect(expression(`a'b" c`)).toContain(String.raw`"load 'a'\"'\"'b\" c' --inputs --json"`);
});
