import { expect, it } from 'vitest';

import { plain } from '../../src/components/detail';

it.each([
  ['colours', '\x1b[31mred\x1b[0m', 'red'],
  ['links', '\x1b]8;;javascript:alert(1)\x07here\x1b]8;;\x07', 'here'],
  ['progress bars', '10 %\r50 %\r100 %\ndone', '100 %\ndone'],
  ['a bar that goes on', 'a\n10 %\r50 %\r', 'a\n50 %\r'],
  ['lines of Windows', 'a\r\nb', 'a\nb']
])('%s in output are shown as a terminal leaves them', (_, text, shown) => {
  expect(plain(text)).toBe(shown);
});
