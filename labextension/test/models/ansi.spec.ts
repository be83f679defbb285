import { expect, it } from 'vitest';

import { lines, textOf } from '../../src/models/ansi';

it.each([
  [
    'colours become JupyterLab’s classes',
    '\x1b[1;31mred\x1b[0m plain',
    [
      ['red', 'ansi-red-fg ansi-bold'],
      [' plain', '']
    ]
  ],
  ['bright and background', '\x1b[92;44mx', [['x', 'ansi-green-intense-fg ansi-blue-bg']]],
  [
    'one of 256 that has a name',
    '\x1b[38;5;1mx\x1b[39my',
    [
      ['x', 'ansi-red-fg'],
      ['y', '']
    ]
  ],
  ['a link is its text', '\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07', [['click', '']]],
  ['a link with the other end', '\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\', [['here', '']]],
  ['moves of the cursor are nothing', '\x1b[2K\x1b[1Gdone', [['done', '']]],
  ['HTML is text', '<img src=x onerror=alert(1)>', [['<img src=x onerror=alert(1)>', '']]]
])('%s', (_, text, pieces) => {
  expect(lines(text).lines.map(line => line.map(({ text: one, look }) => [one, look]))).toEqual([
    pieces
  ]);
});

it('of a progress bar its last state is left', () => {
  expect(lines('10%\r50%\r100%\nnext\r\n').lines.map(textOf)).toEqual(['100%', 'next']);
});

it('a colour goes on into the next line', () => {
  expect(lines('\x1b[31ma\nb').lines[1]).toEqual([{ text: 'b', look: 'ansi-red-fg' }]);
});

it('of many lines the last are shown, and how many stand above', () => {
  const found = lines('1\n2\n3\n4\n', 2);
  expect([found.lines.map(textOf), found.above]).toEqual([['3', '4'], 2]);
});
