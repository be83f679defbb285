import { expect, it } from 'vitest';

import { reword } from '../../src/models/schemawords';

it('puts titles and descriptions into other words, and nothing else', () => {
  const schema = {
    title: 'a',
    description: 'b',
    default: 'c',
    properties: { chips: { title: 'd', enum: ['e'], properties: { more: { description: 'f' } } } }
  };
  reword(schema, text => text.toUpperCase());
  expect(schema).toEqual({
    title: 'A',
    description: 'B',
    default: 'c',
    properties: { chips: { title: 'D', enum: ['e'], properties: { more: { description: 'F' } } } }
  });
});
