// @vitest-environment node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('the types are those of openapi.json; if not: npm run types', async () => {
  const api = resolve(import.meta.dirname, '../../src/api');
  const description = JSON.parse(readFileSync(`${api}/openapi.json`, 'utf8'));
  const types = astToString(await openapiTS(description, { defaultNonNullable: false }));
  expect(readFileSync(`${api}/schema.ts`, 'utf8')).toContain(types);
});
