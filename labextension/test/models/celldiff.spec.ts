import { expect, it } from 'vitest';

import { asModel } from '../../src/models/celldiff';
import type { CellChange } from '../../src/tokens';

const change = (own: Partial<CellChange>): CellChange => ({
  a: null,
  b: null,
  gone: [],
  come: [],
  ...own
});
const place = ({ from, to }: { from: object; to: object }): object[] => [from, to];

it('parts of a line become places in it, whatever stands before them', () => {
  const model = asModel(
    change({ a: "x\n'😀' + a", b: "x\n'😀' + bb", gone: [[9, 10]], come: [[9, 11]] })
  );
  expect(model.deletions.map(place)).toEqual([
    [
      { line: 1, column: 7 },
      { line: 1, column: 8 }
    ]
  ]);
  expect(model.additions.map(place)).toEqual([
    [
      { line: 1, column: 7 },
      { line: 1, column: 9 }
    ]
  ]);
  const chunks = model.getLineChunks();
  expect(chunks.map(({ baseFrom, baseTo }) => [baseFrom, baseTo])).toEqual([[1, 2]]);
  expect(model.mimetype).toBe('text/x-ipython');
});

it.each<[string, Partial<CellChange>, number[]]>([
  ['between', { a: 'a\nc', b: 'a\nb\nc', come: [[2, 4]] }, [1, 1, 1, 2]],
  ['at the end', { a: 'a', b: 'a\nb', come: [[2, 4]] }, [1, 1, 1, 2]],
  ['no more', { a: 'a\nb', b: 'a', gone: [[2, 4]] }, [1, 2, 1, 1]]
])('lines that are new, %s, leave the others alone', (_, own, lines) => {
  const [chunk] = asModel(change(own)).getLineChunks();
  const [baseFrom, baseTo, remoteFrom, remoteTo] = lines;
  expect(chunk).toMatchObject({ baseFrom, baseTo, remoteFrom, remoteTo });
});

it.each([
  [{ a: 'one\ntwo' }, [true, false], [0, 1]],
  [{ b: 'one\ntwo' }, [false, true], [1, 0]]
])('a cell that is on one side only is all new, or all gone: %j', (own, whole, parts) => {
  const model = asModel(change(own));
  expect([model.deleted, model.added]).toEqual(whole);
  expect([model.additions.length, model.deletions.length]).toEqual(parts);
});

it('a last line that both have gets no end', () => {
  const texts = ({ a, b }: { a: string; b: string }): (string | null)[] => {
    const model = asModel(change({ a, b }));
    return [model.base, model.remote];
  };
  expect(texts({ a: 'a\nc', b: 'b\nc' })).toEqual(['a\nc', 'b\nc']);
  expect(texts({ a: 'c', b: 'c\nd' })).toEqual(['c\n', 'c\nd\n']);
});
