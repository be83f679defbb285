import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { lineOf, stopOf } from '../../src/models/failure';
import { metricLines, parameterLines } from '../../src/models/metrics';
import { acts, shortId, told } from '../../src/models/runwords';
import { scrolledTo, visibleRows } from '../../src/models/window';
import type { RunHead, RunView } from '../../src/tokens';
import { aHead, aStep } from '../runcases';

const trans = nullTranslator.load('mlops_lab');

const CASES: [Partial<RunHead>, boolean, string][] = [
  [{ status: 'running', step: 'fit', done: 3, steps: 10 }, true, 'fit, 3 of 10'],
  [{ status: 'running', step: 'fit', done: 3, steps: 10 }, false, 'was running, 3 of 10'],
  [
    { status: 'failed', step: 'fit', error: "step 'fit', cell 4 failed: MemoryError: no\nmore" },
    true,
    'fit: MemoryError: no'
  ],
  [{ status: 'interrupted', error: null }, true, 'stopped without a word'],
  [{ status: 'cancelled', step: 'fit' }, true, 'cancelled in fit'],
  [{ steps: 3, cached: 3, metrics: { auc: 0.874 } }, true, 'auc 0.874 · all 3 cached'],
  [{ steps: 1 }, true, '1 step']
];

it.each(CASES)('of %j, heard %s, the list says %s', (head, online, said) => {
  expect(told(aHead(head), online, trans)).toBe(said);
});

it('a run is known by the end of its id', () => {
  expect([shortId('20261121-140022-4f2a'), shortId('plain')]).toEqual(['4f2a', 'plain']);
});

it('only what has not ended can be cancelled, only what broke be resumed', () => {
  expect(acts(aHead({ status: 'running' }))).toEqual({
    cancel: true,
    resume: false,
    again: false,
    remove: false
  });
  expect(acts(aHead({ status: 'failed' }))).toEqual({
    cancel: false,
    resume: true,
    again: true,
    remove: true
  });
});

it.each([
  ['Cell In[9], line 3\n      1 a\n----> 3 b', 3],
  ['\x1b[32mCell\x1b[0m \x1b[32mIn[9], line 5\x1b[0m', 5],
  ['\x1b[31m----> \x1b[0m\x1b[32m7\x1b[0m boom\n--> 90 deeper', 7],
  [null, null]
])('the traceback %j points at line %s', (traceback, line) => {
  expect(lineOf({ traceback })).toBe(line);
});

it('where a run stopped is its failed step, with the cell', () => {
  const steps = [aStep('fit', { status: 'failed', cell: 4, error: 'no' })];
  const view = { head: aHead({ status: 'failed' }), steps } as unknown as RunView;
  expect(stopOf(view)).toEqual({ step: 'fit', cell: 4, line: null, message: 'no' });
  expect(stopOf({ ...view, head: aHead() })).toBeNull();
});

const HISTORY = [
  aHead({ run_id: '3', started: 3, metrics: { auc: 3 }, params: { n: 2 } }),
  aHead({ run_id: '2', started: 2, metrics: { auc: 2, f1: 1 }, params: { n: 1, m: 1 } }),
  aHead({ run_id: '1', started: 1, metrics: { auc: 1 } })
];

it('metrics go over the runs up to this one; those of the run before that are missing are told', () => {
  expect(metricLines(HISTORY[0] as RunHead, HISTORY)).toEqual([
    { name: 'auc', value: 3, values: [1, 2, 3] },
    { name: 'f1', value: null, values: [1] }
  ]);
});

it('a parameter differs from the run before, or is its default again', () => {
  expect(parameterLines(HISTORY[0] as RunHead, HISTORY)).toEqual([
    { name: 'n', value: 2, was: 1, differs: true },
    { name: 'm', value: undefined, was: 1, differs: true }
  ]);
  expect(parameterLines(HISTORY[2] as RunHead, HISTORY)).toEqual([]);
});

it.each([
  [0, 480, 10_000, [0, 18]],
  [48_000, 480, 10_000, [992, 1018]],
  [479_520, 480, 10_000, [9982, 10_000]],
  [48_000, 480, 3, [3, 3]]
])('scrolled by %d in a view of %d, of %d rows these are drawn: %j', (top, height, total, rows) => {
  expect(visibleRows(top, height, 48, total)).toEqual(rows);
});

it('a row comes into view by the shortest way', () => {
  expect([
    scrolledTo(0, 100, 480, 48),
    scrolledTo(20, 0, 480, 48),
    scrolledTo(3, 0, 480, 48)
  ]).toEqual([0, 528, 0]);
});
