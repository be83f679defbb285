import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { atOnce, howLong, lastRun, left, outcome, soFar, toRun } from '../../src/models/sentence';
import { clock, listed, middle, took } from '../../src/models/words';
import type { Explained, StepFate } from '../../src/tokens';
import { fate, head, record, run } from '../cases';

const trans = nullTranslator.load('mlops_lab');

function plan(...fates: [StepFate['fate'], number | null][]): Explained {
  const steps = fates.map(([what, seconds]) => ({ ...fate(what), seconds }));
  return { headline: '', steps, parameters: {}, notes: [], seconds: null };
}

it.each([
  [0.04, '0.0 s'],
  [27.42, '27.4 s'],
  [59.97, '60 s'],
  [66, '66 s'],
  [130, '2 min'],
  [4800, '1 h 20 min']
])('%d seconds took %s', (seconds, words) => {
  expect(took(seconds, trans)).toBe(words);
});

it.each([
  [18, '0:18'],
  [66.9, '1:06'],
  [3729, '1:02:09'],
  [-1, '0:00']
])('a clock after %d seconds shows %s', (seconds, words) => {
  expect(clock(seconds)).toBe(words);
});

it('a long name keeps both its ends', () => {
  expect(middle('2026-11_customer_value_FINAL.ipynb', 20)).toBe('2026-11_cust…L.ipynb');
});

it.each<[Explained, string, string]>([
  [plan(['run', 60], ['run', 60], ['may-run', 60], ['cached', 1]), '2 steps to run, 1 may run, 1 cached', 'About 2 to 3 min'],
  [plan(['run', 2]), '1 step to run', 'About 2 s'],
  [plan(['run', null], ['run', 2]), '2 steps to run', ''],
  [plan(['may-run', 200]), '1 step may run', 'Up to 3 min'],
  [plan(['cached', 2], ['cached', 2]), 'Nothing to run: 2 steps cached', '']
])('before a run it says %#: %2$s', (explained, sentence, time) => {
  expect([toRun(explained, trans), howLong(explained, trans)]).toEqual([sentence, time]);
});

it('during a run it says how far, what goes on, and how long yet', () => {
  const going = run({
    head: head({ steps: 4, done: 1, cached: 1 }),
    steps: [
      record({ name: 'load', status: 'succeeded', cached: true }),
      record({ name: 'a', status: 'running', started: 100 }),
      record({ name: 'b', status: 'running', started: 100 }),
      record({ name: 'test' })
    ],
    graph: [['load', 'a'], ['load', 'b'], ['a', 'test'], ['b', 'test']]
  });
  const usual = new Map([['a', 30], ['b', 50], ['test', 5]]);
  expect(soFar(going, trans)).toBe('1 of 4 steps done');
  expect(atOnce(going, trans)).toBe('1 cached · 2 side by side');
  expect(left(going, usual, 110_000, trans)).toBe('about 45 s left');
  expect(left(going, new Map(), 110_000, trans)).toBe('');
});

it.each([
  [head({ status: 'succeeded', done: 7, seconds: 27.4 }), '7 steps done in 27.4 s', 'last run done'],
  [head({ status: 'failed', step: 'margin', seconds: 12 }), 'Failed in margin after 12.0 s', 'last run failed'],
  [head({ status: 'cancelled', seconds: 3 }), 'Cancelled after 3.0 s', 'last run cancelled'],
  [head({ status: 'interrupted', seconds: 3 }), 'Stopped without a word', 'last run stopped']
])('after a run it says how it ended: $status', (ended, sentence, later) => {
  const view = run({ head: ended });
  expect(outcome(view, trans)).toBe(sentence);
  expect(lastRun(view, 0, trans)).toContain(later);
});

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c']
])('%j is said as "%s"', (things, said) => {
  expect(listed(things, trans)).toBe(said);
});
