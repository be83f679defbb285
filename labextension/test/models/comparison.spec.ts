import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import {
  differences,
  lowerIsBetter,
  metricRows,
  shortNumber,
  signed,
  verdict
} from '../../src/models/comparison';
import { asMarkdown, sameStep, whyWords } from '../../src/models/comparisontext';
import type { CodeChange, RunDiff } from '../../src/tokens';
import { aDiff, aHead } from '../runcases';

const trans = nullTranslator.load('mlops_lab');
const CODE: CodeChange = { cells: [], text: '@@\n-a\n+b' };
const step = (own: Partial<RunDiff['steps'][number]>): RunDiff['steps'][number] => ({
  name: 'train',
  status: ['succeeded', 'succeeded'],
  cached: [false, false],
  seconds: [1, 2],
  error: [null, null],
  why: [],
  code: null,
  ...own
});

it.each([
  ['auc', false],
  ['val_loss', true],
  ['gbm_fit_seconds', true],
  ['recall_at_10', false],
  ['mape', true],
  ['rows', null],
  ['glossary', null]
])('whether less of %s is better: %s', (name, lower) => {
  expect(lowerIsBetter(name)).toBe(lower);
});

it.each([
  [{ auc: 0.8 }, { auc: 0.9 }, 'B is better on auc'],
  [{ auc: 0.8, fit_seconds: 3 }, { auc: 0.9, fit_seconds: 9 }, 'B is better on auc, slower'],
  [{ auc: 0.9, loss: 2 }, { auc: 0.8, loss: 1 }, 'B is better on loss, worse on auc'],
  [{ rows: 1 }, { rows: 2 }, '1 metric differs'],
  [{ auc: Number.NaN }, { auc: Number.NaN }, 'The metrics are the same'],
  [{}, {}, 'The metrics are the same']
])('%j and then %j: %s', (a, b, said) => {
  expect(verdict(aHead({ metrics: a }), aHead({ metrics: b }), trans)).toBe(said);
});

it('a run that did not get to its end is not judged', () => {
  expect(verdict(aHead({ status: 'failed' }), aHead(), trans)).toBe('A did not get to its end');
});

it('metrics that differ stand first; one that is missing has no change', () => {
  const rows = metricRows(
    aHead({ metrics: { a: 1, b: 1 } }),
    aHead({ metrics: { a: 1, b: 2, c: 3 } })
  );
  expect(rows.map(row => [row.name, row.change])).toEqual([
    ['b', 1],
    ['c', null],
    ['a', 0]
  ]);
});

it('what differs is counted', () => {
  const diff = aDiff({
    parameters: [{ what: 'n', a: 1, b: 2 }],
    steps: [step({ code: CODE })]
  });
  expect(differences(diff, trans)).toBe('Between them the code of 1 step and 1 parameter changed');
  expect(differences(aDiff(), trans)).toBe('Neither code nor parameters changed between them');
  expect(differences(aDiff({ unread: ['a'] }), trans)).toBe('No parameter changed between them');
  expect(differences(aDiff({ outside: CODE }), trans)).toBe(
    'Between them code outside the steps changed'
  );
});

it('a step is the same unless code, state or error differ; time alone is no difference', () => {
  expect([step({}), step({ code: CODE }), step({ cached: [false, true] })].map(sameStep)).toEqual([
    true,
    false,
    false
  ]);
  expect(whyWords(step({ cached: [false, true] }), trans)).toBe('its result was there already');
});

it.each([
  [1204512, '1,204,512'],
  [0.8350000001, '0.835'],
  [41.23456, '41.23'],
  [0.00000123, '1.23e-6'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [12345.678, '12,346']
])('%d is written %s', (value, written) => {
  expect(shortNumber(value)).toBe(written);
});

it('a change has its sign', () => {
  expect([0.013, -0.003, 13.8].map(signed)).toEqual(['+0.013', '−0.003', '+13.8']);
});

it('Markdown keeps a table a table, whatever a value holds', () => {
  const diff = aDiff({ parameters: [{ what: 'a|b', a: 'x\ny', b: 2 }] });
  expect(asMarkdown({ a: aHead(), b: aHead(), diff }, trans)).toContain('| a\\|b | x y | 2 |  |');
});

it('Markdown ends with the code that differs, as a diff', () => {
  const diff = aDiff({ outside: CODE, steps: [step({}), step({ code: CODE })] });
  const said = asMarkdown({ a: aHead(), b: aHead(), diff }, trans);
  expect(said.split('```diff\n@@\n-a\n+b\n```')).toHaveLength(3);
});
