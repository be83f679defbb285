import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { differences } from '../../src/models/comparison';
import {
  bytes,
  matching,
  mostMemory,
  needsOf,
  platform,
  pythonVersion,
  worked
} from '../../src/models/needs';
import { needs, record } from '../cases';
import { aDiff } from '../runcases';

const trans = nullTranslator.load('mlops_lab');

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [123_456, '123 kB'],
  [999_999, '1.0 MB'],
  [11_800_000_000, '11.8 GB']
])('%i bytes are said as %s', (size, said) => {
  expect(bytes(size)).toBe(said);
});

it('says which Python on what', () => {
  expect(pythonVersion('CPython 3.12.4 linux x86_64')).toBe('3.12.4');
  expect(pythonVersion('PyPy 7.3 darwin arm64')).toBe('PyPy 7.3');
  expect(platform('CPython 3.12.4 linux x86_64')).toBe('Linux, x86_64');
});

it('finds the step that took the most memory', () => {
  const steps = [
    record({ name: 'load', memory: 5 }),
    record({ name: 'fit', memory: 9 }),
    record({ name: 'report' })
  ];
  expect(mostMemory(steps)).toEqual({ name: 'fit', memory: 9 });
  expect(mostMemory([record({})])).toBeNull();
});

it('counts the processor time of what ran, not of what was cached', () => {
  expect(worked([record({ cpu: 2 }), record({ cpu: 3, cached: true }), record({})])).toBe(2);
});

it('tells what one step needed', () => {
  const file = { path: 'a.csv', digest: 'aa', size: null, steps: ['load'] };
  const all = needs({
    packages: { numpy: '2', pandas: '3' },
    files: [file, { ...file, path: 'b.csv', steps: ['fit'] }],
    by_step: { load: ['numpy'] }
  });
  const own = needsOf(all, 'load');
  expect(own.files).toEqual([file]);
  expect(own.packages).toEqual({ numpy: '2' });
  expect(needsOf(all, 'fit').packages).toEqual({});
});

it('finds packages by parts of their names', () => {
  const all = { numpy: '2', 'scikit-learn': '1', scipy: '1' };
  expect(matching(all, 'SCI')).toEqual([
    ['scikit-learn', '1'],
    ['scipy', '1']
  ]);
  expect(matching(all, '')).toHaveLength(3);
});

it('counts packages and files among what differs', () => {
  const change = { what: 'x', a: '1', b: '2' };
  const changes = [
    { kind: 'package' as const, ...change },
    { kind: 'file' as const, ...change },
    { kind: 'file' as const, ...change }
  ];
  expect(differences(aDiff({ needs: { changes, same: 0, known: true, unlisted: 0 } }), trans)).toBe(
    'Between them 1 package and 2 files changed'
  );
});
