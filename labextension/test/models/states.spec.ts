import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { type Known, stateOf } from '../../src/models/states';
import { problem, reason, record, fate } from '../cases';

const trans = nullTranslator.load('mlops_lab');
const NOW = 1_000_000;

function state(known: Partial<Known>): [string, string] {
  const all = { shows: null, running: false, problems: [], waitsFor: [], now: NOW, ...known };
  const { kind, words } = stateOf(all, trans);
  return [kind, words];
}

const started = NOW / 1000 - 18;

describe('the state of a step', () => {
  it.each<[string, Partial<Known>, [string, string]]>([
    ['nothing is known', {}, ['none', '']],
    ['it is cached', { shows: 'plan', fate: fate('cached') }, ['cached', 'cached']],
    ['it may run', { shows: 'plan', fate: fate('may-run') }, ['may-run', 'may run']],
    ['its code changed', { shows: 'plan', fate: fate('run', reason('code')) }, ['stale', 'code changed']],
    ['it has never run', { shows: 'plan', fate: fate('run', reason('new')) }, ['waiting', 'not run yet']],
    [
      'it failed and nothing changed',
      { shows: 'plan', fate: fate('run', reason('new')), record: record({ status: 'failed' }) },
      ['failed', 'failed']
    ],
    [
      'it has an error, whatever was planned',
      { shows: 'plan', fate: fate('cached'), problems: [problem({ warning: false })] },
      ['problem', 'problem']
    ],
    [
      'it has a warning',
      { shows: 'plan', fate: fate('cached'), problems: [problem({ warning: true })] },
      ['cached', 'cached']
    ]
  ])('when %s', (_, known, told) => {
    expect(state(known)).toEqual(told);
  });

  it.each<[string, Parameters<typeof record>[0], string[], [string, string]]>([
    ['waits for one', { status: 'waiting' }, ['split'], ['waiting', 'waiting for split']],
    ['waits for many', { status: 'waiting' }, ['a', 'b', 'c', 'd'], ['waiting', 'waiting for 4 steps']],
    [
      'runs, cell by cell',
      { status: 'running', started, cells: 2, cells_done: 0 },
      [],
      ['running', 'cell 1 of 2 · 0:18']
    ],
    ['runs its only cell', { status: 'running', started, cells: 1 }, [], ['running', 'running · 0:18']],
    ['waits for a name', { status: 'running', waits: 'X' }, [], ['waiting', 'waiting for X']],
    ['is adopted from the cache', { status: 'succeeded', cached: true }, [], ['cached', 'cached']],
    ['is done', { status: 'succeeded', seconds: 27.42 }, [], ['succeeded', '27.4 s']],
    ['has failed', { status: 'failed', seconds: 66.3 }, [], ['failed', 'failed after 66 s']],
    ['is not reached', { status: 'skipped' }, [], ['skipped', 'not reached']]
  ])('in a run when it %s', (_, body, waitsFor, told) => {
    expect(state({ shows: 'run', running: true, record: record(body), waitsFor })).toEqual(told);
  });

  it('has progress by cells, and none where its length is unknown', () => {
    const of = (cells: number): number | undefined =>
      stateOf(
        {
          shows: 'run',
          running: true,
          problems: [],
          waitsFor: [],
          now: NOW,
          record: record({ status: 'running', started, cells, cells_done: 1 })
        },
        trans
      ).progress;
    expect([of(4), of(1)]).toEqual([0.25, undefined]);
  });
});
