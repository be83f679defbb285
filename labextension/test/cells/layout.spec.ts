import { describe, expect, it } from 'vitest';

import { subject } from '../../src/cells/editing';
import { byTags, bySegments, shown } from '../../src/cells/layout';
import { type CellSaid, cellSaid, isPipeline } from '../../src/cells/said';
import { proposed, written } from '../../src/cells/suggestion';
import type { PipelineView } from '../../src/tokens';

/** `#` is text, `.` an empty cell, else tags or a line. */
function cells(...heads: string[]): CellSaid[] {
  return heads.map(head =>
    head === '#'
      ? cellSaid(false, '# text', undefined)
      : head === '.'
        ? cellSaid(true, ' ', undefined)
        : head.startsWith('%%')
          ? cellSaid(true, `${head}\nx`, undefined)
          : cellSaid(true, 'x', head.split(' ').filter(Boolean))
  );
}

/** Each cell in a word: its chip (name, +name where it goes on, (name) where quiet), and its band. */
function drawn(...heads: string[]): string[] {
  return shown(byTags(cells(...heads))).map(({ chip, name, band, top, bottom }) => {
    const marks = { step: name, again: `+${name}`, quiet: `(${name})` };
    const line = band ? `${top ? '┌' : '│'}${bottom ? '└' : ''}` : '';
    return `${chip ? marks[chip] : ''} ${line}`.trim();
  });
}

describe('what stands at the cells', () => {
  const table: [string, string[], string[]][] = [
    ['a chip stands once, at the first cell', ['step:a', '', ''], ['a ┌', '│', '│└']],
    ['a line names a step too', ['%%mlops step a', ''], ['a ┌', '│└']],
    ['text between cells lies on the band, text behind does not', ['step:a', '#', '', '#', 'step:b'], ['a ┌', '│', '│└', '', 'b ┌└']],
    ['untagged cells above all steps are the preamble', ['', 'step:a'], ['preamble ┌└', 'a ┌└']],
    ['a skipped cell is seen through', ['step:a', 'skip', ''], ['a ┌', '(skip)', '│└']],
    ['setup says what it is, once for neighbours', ['imports', '', 'functions', 'step:a'], ['(imports)', '', '(functions)', 'a ┌└']],
    ['a step that stands apart goes on', ['step:a', 'step:b', 'step:a'], ['a ┌└', 'b ┌└', '+a ┌└']],
    ['injected parameters belong to no step, and end none', ['step:a', 'injected-parameters', ''], ['a ┌└', '(parameters)', '+a ┌└']],
    ['metrics are a step', ['step:a', 'pipeline-metrics'], ['a ┌└', 'pipeline-metrics ┌└']],
    ['empty cells are none', ['.', 'step:a', '.'], ['', 'a ┌└', '']]
  ];
  it.each(table)('%s', (_, heads, expected) => {
    expect(drawn(...heads)).toEqual(expected);
  });

  it('has the colours in notebook order, beginning again after the last', () => {
    const found = shown(byTags(cells(...'abcdefgha'.split('').map(name => `step:${name}`))));
    expect(found.map(one => /step-(\d)/.exec(one.colour)?.[1]).join('')).toBe('123456711');
  });

  it('follows what was compiled where no tags say it', () => {
    const segments = [{ name: 'load', role: 'step', cells: [2, 3] }];
    const view = { segments } as unknown as PipelineView;
    const places = bySegments(view, cells('#', '', '', 'skip'));
    expect(places.map(place => place?.name)).toEqual([undefined, 'load', 'load', 'skip']);
  });

  it.each([
    [['', '#'], false],
    [['injected-parameters'], false],
    [['', 'step:a'], true],
    [['%%mlops step a'], true],
    [['imports'], true]
  ])('%j make a pipeline: %s', (heads, expected) => {
    expect(isPipeline(cells(...heads))).toBe(expected);
  });
});

describe('what an edit is about', () => {
  const all = cells('step:a', '', 'step:b cpus:2', 'step:a', '#');
  it.each([
    ['the cell that bears the name stands for the step', [0], { scope: [0, 3], whole: 'a', joins: null }],
    ['a cell that joined it is meant alone', [1], { scope: [1], whole: null, joins: 'a' }],
    ['the name where it stands again is meant alone', [3], { scope: [3], whole: null, joins: null }],
    ['several cells are meant as they are, text left out', [1, 2, 4], { scope: [1, 2], whole: null, joins: 'a' }]
  ])('%s', (_, chosen, expected) => {
    expect(subject(all, chosen)).toMatchObject(expected);
  });

  it('text alone is nothing to edit', () => {
    expect(subject(all, [4])).toBeNull();
  });
});

describe('a proposal', () => {
  const all = [
    { name: '', tag: 'imports', cells: ['i'] },
    { name: 'load', tag: 'step:load', cells: ['x', 'y'] }
  ];
  it('is drawn as it would be', () => {
    expect(proposed(all, ['i', '#', 'x', 'y'])).toEqual([
      { name: 'imports', role: 'setup' },
      null,
      { name: 'load', role: 'step' },
      { name: 'load', role: 'step' }
    ]);
  });

  it('is written as one tag for each', () => {
    expect(written(all, ['i', 'x', 'y'], cells('', '', 'mine'))).toEqual([
      { cell: 0, tags: ['imports'] },
      { cell: 1, tags: ['step:load'] }
    ]);
  });
});
