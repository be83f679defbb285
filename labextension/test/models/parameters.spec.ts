import { expect, it } from 'vitest';

import { kindOf, shown, typed } from '../../src/models/parameters';

it.each([
  ['150', null, 'int', '150'],
  ['1_000', 'int', 'int', '1_000'],
  ['0.25', null, 'float', '0.25'],
  ['1e-3', null, 'float', '1e-3'],
  ['True', null, 'bool', 'True'],
  ["'it\\'s'", null, 'str', "it's"],
  ['"a"', 'str', 'str', 'a'],
  ['None', 'Optional[int]', 'int', 'None'],
  ['[1, 2]', 'list', 'other', '[1, 2]'],
  ['max(1, 2)', null, 'other', 'max(1, 2)']
])('the default %s of type %s is edited as %s, %s', (source, kind, edited, text) => {
  const parameter = { default: source, kind };
  expect([kindOf(parameter), shown(parameter)]).toEqual([edited, text]);
});

it.each([
  ['400', 'int', { value: 400 }],
  ['1_000', 'int', { value: 1000 }],
  ['0.3', 'int', { needs: 'whole' }],
  ['0.3', 'float', { value: 0.3 }],
  ['0.3.5', 'float', { needs: 'number' }],
  ['', 'float', { needs: 'number' }],
  [' a ', 'str', { value: ' a ' }],
  ['True', 'bool', { value: true }],
  ["['a', None, True]", 'other', { value: ['a', null, true] }],
  ['(1, 2)', 'other', { value: [1, 2] }],
  ['{"a": 1}', 'other', { value: { a: 1 } }],
  ['open("x")', 'other', { needs: 'json' }]
] as const)('%s typed for %s gives %o', (text, kind, found) => {
  expect(typed(text, kind)).toEqual(found);
});
