import { describe, expect, it } from 'vitest';

import { cellStates } from '../../src/models/cellstates';
import { record } from '../cases';

describe("the cells of a step, when it", () => {
  it.each<[string, Parameters<typeof record>[0], string]>([
    ['waits', { status: 'waiting' }, 'waiting waiting waiting'],
    ['has just begun', { status: 'running' }, 'running waiting waiting'],
    ['is at its second cell', { status: 'running', cells_done: 1 }, 'succeeded running waiting'],
    ['waits for a name there', { status: 'running', cells_done: 1, waits: 'X' }, 'succeeded waiting waiting'],
    ['is done early, and home has still to take it', { status: 'ready', cells_done: 3 }, 'succeeded succeeded succeeded'],
    ['is done', { status: 'succeeded', cells_done: 3 }, 'succeeded succeeded succeeded'],
    ['is cached', { status: 'succeeded', cached: true }, 'cached cached cached'],
    ['failed in its second cell', { status: 'failed', cells_done: 2, cell: 5, traceback: '' }, 'succeeded failed skipped'],
    ['failed there with parameters', { status: 'failed', cells_done: 2, cell: 6, traceback: '' }, 'succeeded failed skipped'],
    ['died in its second cell', { status: 'failed', cells_done: 1, cell: 5 }, 'succeeded failed skipped'],
    ['failed before its first', { status: 'failed', cell: null }, 'failed skipped skipped'],
    ['was cancelled in its second', { status: 'cancelled', cells_done: 1 }, 'succeeded cancelled skipped'],
    ['was not reached', { status: 'skipped' }, 'skipped skipped skipped'],
    ['has another cell by now', { status: 'running', cells: 4 }, '']
  ])('%s', (_, body, told) => {
    expect(cellStates(record({ cells: 3, ...body }), [4, 5, 7]).join(' ')).toBe(told);
  });
});
