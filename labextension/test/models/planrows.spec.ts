import { expect, it } from 'vitest';

import { foldOf, planEdges, planRows } from '../../src/models/planrows';
import type { StepFate } from '../../src/tokens';
import { fate } from '../cases';

/** Steps s0, s1, … as a word of letters tells: c cached, r run. */
function plan(word: string): StepFate[] {
  return [...word].map((letter, at) => ({ ...fate(letter === 'c' ? 'cached' : 'run'), name: `s${at}` }));
}

/** Each line as its steps' number, + where it is open, and the names of single ones. */
function lines(word: string, opened: string[] = []): string {
  const rows = planRows(plan(word), new Set(opened));
  return rows.map(row => (row.fold ? `${row.steps.length}${row.fold === 'open' ? '+' : ''}` : row.key)).join(' ');
}

const many = 'c'.repeat(20) + 'rccr' + 'c'.repeat(7);

it.each([
  ['few steps are told one by one', 'c'.repeat(5), [], 's0 s1 s2 s3 s4'],
  ['of many, cached neighbours stand in a line, two of them don’t', many, [], '20 s20 s21 s22 s23 7'],
  ['one that was opened shows its steps', many, ['= s24'], '20 s20 s21 s22 s23 7+ s24 s25 s26 s27 s28 s29 s30']
])('%s', (_, word, opened, expected) => {
  expect(lines(word, opened)).toBe(expected);
});

it.each([
  ['s30', '= s24'],
  ['s21', null],
  ['s23', null],
  ['gone', null],
  [null, null]
])('%s is hidden in the line %s', (name, line) => {
  expect(foldOf(plan(many), name)).toBe(line);
});

it('lines hang together as their steps do, each pair once', () => {
  const rows = planRows(plan(many), new Set());
  const edges: [string, string][] = [
    ['s0', 's1'],
    ['s0', 's20'],
    ['s1', 's20'],
    ['s21', 's30']
  ];
  expect(planEdges(rows, edges)).toEqual([
    [0, 1],
    [2, 5]
  ]);
});
