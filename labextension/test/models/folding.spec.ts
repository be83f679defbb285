import { expect, it } from 'vitest';

import { timeLeft } from '../../src/models/estimate';
import { between, grouped, worst } from '../../src/models/folding';
import { headingIn } from '../../src/models/headings';
import { colour } from '../../src/models/palette';

it('neighbours under one heading fold together, others do not', () => {
  expect(grouped(['A', 'A', null, 'B', 'A'])).toEqual([
    { heading: 'A', places: [0, 1] },
    { heading: '', places: [2] },
    { heading: 'B', places: [3] },
    { heading: 'A', places: [4] }
  ]);
});

it('edges join the rows that stand for their steps, once', () => {
  const edges = [[0, 1], [0, 2], [1, 3], [2, 3]] as const;
  expect(between(edges, [0, 0, 0, 1])).toEqual([[0, 1]]);
});

it('the state of many is what needs attention most', () => {
  const states = (['cached', 'running', 'succeeded'] as const).map(kind => ({ kind, words: '' }));
  expect([worst(states), worst([])]).toEqual(['running', 'none']);
});

it.each([
  ['# Load the *data*', 'Load the data'],
  ['text\n\n## Train ##\nmore', 'Train'],
  ['```\n# a comment\n```', null],
  ['### too deep', null]
])('the heading in %j is %s', (source, heading) => {
  expect(headingIn(source)).toBe(heading);
});

it('the time left is that of the longest way through what is left', () => {
  const step = (name: string, usual: number | null, spent = 0) => ({ name, usual, spent });
  const graph = [['a', 'c'], ['b', 'c']] as const;
  expect(timeLeft([step('a', 10, 4), step('b', 3), step('c', 2)], graph)).toBe(8);
  expect(timeLeft([step('a', null)], graph)).toBeNull();
});

it('colours go by notebook order and begin again after seven', () => {
  expect([0, 6, 7].map(colour)).toEqual([
    'var(--jp-mlops-step-1)',
    'var(--jp-mlops-step-7)',
    'var(--jp-mlops-step-1)'
  ]);
});
