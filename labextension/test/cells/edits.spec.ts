import { describe, expect, it } from 'vitest';

import { changes, replaced } from '../../src/cells/edits';
import { type CellSaid, cellSaid } from '../../src/cells/said';
import { NOTHING, type Wanted } from '../../src/cells/tags';

/** Cells of which each is its tags, or its line; `#` is markdown. */
function cells(...heads: string[]): CellSaid[] {
  return heads.map(head =>
    head === '#'
      ? cellSaid(false, '# text', undefined)
      : head.startsWith('%%')
        ? cellSaid(true, `${head}\nx`, undefined)
        : cellSaid(true, 'x', head.split(' ').filter(Boolean))
  );
}
const step = (name: string, facts = {}): Wanted => ({ label: '', step: name, facts: { ...NOTHING, ...facts } });
const none: Wanted = { label: '', step: null, facts: NOTHING };

describe('one edit', () => {
  it('writes the facts to the first cell, and no name where a cell joins anyway', () => {
    expect(changes(cells('', '', '#', ''), [0, 1, 3], step('a', { cpus: '2' }))).toEqual([
      { cell: 0, tags: ['step:a', 'cpus:2'] }
    ]);
  });

  it('names a cell that stands apart', () => {
    expect(changes(cells('', 'step:b', ''), [0, 2], step('a'))).toEqual([
      { cell: 0, tags: ['step:a'] },
      { cell: 2, tags: ['step:a'] }
    ]);
  });

  it('takes the names and facts of the others away', () => {
    expect(changes(cells('step:a', 'step:b cpus:2 mine'), [0, 1], step('a'))).toEqual([
      { cell: 1, tags: ['mine'] }
    ]);
  });

  it('renames a step for those that wait for it', () => {
    const all = cells('step:a', 'step:b prev:a cpus:2', '%%mlops step c --after a,b');
    expect(changes(all, [0], step('x'), 'a')).toEqual([
      { cell: 0, tags: ['step:x'] },
      { cell: 1, tags: ['step:b', 'prev:x', 'cpus:2'] },
      { cell: 2, source: { start: 0, end: 26, text: '%%mlops step c --after x,b' } }
    ]);
  });

  it('edits a line where a line says it, and takes it away with the step', () => {
    const all = cells('%%mlops step a');
    const source = { start: 0, end: 14, text: '%%mlops step a --gpus 1' };
    expect(changes(all, [0], step('a', { gpus: '1' }))).toEqual([{ cell: 0, source }]);
    expect(changes(all, [0], none)).toEqual([{ cell: 0, source: { start: 0, end: 15, text: '' } }]);
  });

  it('makes each cell of the scope what the label says', () => {
    expect(changes(cells('step:a', ''), [0, 1], { ...none, label: 'skip' })).toEqual([
      { cell: 0, tags: ['skip'] },
      { cell: 1, tags: ['skip'] }
    ]);
  });

  it('leaves all as it is where nothing is new', () => {
    expect(changes(cells('block:a prev:b', '#'), [0, 1], step('a', { after: ['b'] }))).toEqual([]);
  });
});

describe('a fix', () => {
  it('puts one tag in the place of another, or takes it away', () => {
    const all = cells('mine stpe:a', 'cpus:2 step:a cpus:2', '%%mlops step a --after lod');
    expect(replaced(all, 0, 'stpe:a', 'step:a')).toEqual([{ cell: 0, tags: ['mine', 'step:a'] }]);
    expect(replaced(all, 1, 'cpus:2', '')).toEqual([{ cell: 1, tags: ['cpus:2', 'step:a'] }]);
    expect(replaced(all, 2, 'after:lod', 'after:load')[0]?.source?.text).toBe('%%mlops step a --after load');
    expect(replaced(all, 0, 'gone', '')).toEqual([]);
  });
});
