import { expect, it } from 'vitest';

import { schedule, ticks } from '../../src/models/schedule';
import type { RunHead, StepRecord } from '../../src/tokens';
import { aHead, aStep } from '../runcases';

const span = (
  worker: string,
  started: number,
  ended: number | null,
  waits: [number, number | null][] = []
) => ({
  worker,
  started,
  ended,
  early: worker !== 'home',
  cells: 1,
  waited: 0,
  waits
});

function laidOut(steps: StepRecord[], head: Partial<RunHead> = {}, now = 110) {
  return schedule({ head: aHead({ started: 100, seconds: 10, ...head }), steps }, now);
}

it('a step is work cut by the times in which it waited for a value', () => {
  const step = aStep('train', {
    status: 'succeeded',
    spans: [span('home', 101, 106, [[102, 104]])]
  });
  const [row] = laidOut([step]).rows;
  expect(row?.stretches.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ['work', 1, 2],
    ['wait', 2, 4],
    ['work', 4, 6]
  ]);
  expect(row?.end).toBe(6);
});

it('a step that is still waiting says for what, up to now', () => {
  const step = aStep('train', {
    status: 'running',
    waits: 'df',
    spans: [span('k', 101, null, [[102, null]])]
  });
  const [row] = laidOut([step], { status: 'running', seconds: null }, 105).rows;
  expect(row?.stretches.map(({ kind, to, why }) => [kind, to, why])).toEqual([
    ['work', 2, ''],
    ['wait', 5, 'df']
  ]);
});

it('what was begun early and thrown away is told with its reason, and is not its end', () => {
  const dropped = [{ worker: 'k', started: 101, seconds: 3, why: 'read', name: 'df', waits: [] }];
  const [row] = laidOut([aStep('train', { status: 'skipped', dropped })]).rows;
  expect(row?.stretches).toEqual([
    { kind: 'dropped', from: 1, to: 4, worker: 'k', early: true, why: 'read: df' }
  ]);
  expect(row?.end).toBeNull();
});

it('a cached step is a moment', () => {
  const [row] = laidOut([aStep('load', { status: 'succeeded', cached: true, ended: 100.5 })]).rows;
  expect([row?.cachedAt, row?.stretches]).toEqual([0.5, []]);
});

it('steps are side by side where their work overlaps, not where one follows the other', () => {
  const step = (name: string, from: number, to: number) =>
    aStep(name, { status: 'succeeded', spans: [span(name, from, to)] });
  expect(laidOut([step('a', 101, 103), step('b', 103, 105)]).atOnce).toBe(1);
  expect(laidOut([step('a', 101, 104), step('b', 103, 105), step('c', 103, 104)]).atOnce).toBe(3);
});

it.each([
  [10, 5, [0, 2, 4, 6, 8, 10]],
  [118, 6, [0, 20, 40, 60, 80, 100]],
  [0.3, 4, [0, 0.1, 0.2, 0.3]],
  [9000, 4, [0, 3600, 7200]]
])('a ruler of %d seconds with %d marks stands at %j', (seconds, count, marks) => {
  expect(ticks(seconds, count)).toEqual(marks);
});
