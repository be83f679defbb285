import { describe, expect, it } from 'vitest';

import { type Form, formOf, wantedBy, wrongIn } from '../../src/cells/form';
import { type Facts, NOTHING, type Wanted } from '../../src/cells/tags';

const step = (facts: Partial<Facts> = {}): Wanted => ({ label: '', step: 'a', facts: { ...NOTHING, ...facts } });
const form = (more: Partial<Form> = {}): Form => ({ ...formOf(step()), ...more });

describe('the fields of the editor', () => {
  it('leave out the usual units, and put them back', () => {
    const said = step({ memory: '8GB', timeout: '10m', cache: '1d', cpus: '500m' });
    expect(formOf(said)).toMatchObject({ memory: '8', timeout: '10', cache: 'age', age: '1d', cpus: '500m' });
    expect(wantedBy(formOf(said), said)).toEqual(said);
  });

  it.each([{ memory: '512MB' }, { memory: '8Gi' }, { timeout: '90' }, { timeout: '1h30m' }, { cache: 'off' }, { after: ['x', 'y'], serial: true }, { accelerator: 'A100', data: ['raw/a.csv', 'my cars'] }])(
    '%j stays as it was said',
    facts => {
      expect(wantedBy(formOf(step(facts)), step(facts))).toEqual(step(facts));
    }
  );

  it.each<[Partial<Form>, string[]]>([
    [{ name: '' }, ['name']],
    [{ name: 'a b', cpus: 'many' }, ['name', 'cpus']],
    [{ gpus: '-1', memory: 'x', retries: '1.5', timeout: 'soon' }, ['gpus', 'memory', 'retries', 'timeout']],
    [{ accelerator: 'A100,H100' }, ['accelerator']],
    [{ cache: 'age', age: '' }, ['age']],
    [{ cache: 'age', age: '2' }, ['age']],
    [{ memory: '1.5', timeout: '90s', retries: '2', cache: 'age', age: '12h' }, []],
    [{ choice: 'skip', name: '' }, []]
  ])('%j is wrong in %j', (more, expected) => {
    expect(wrongIn(form(more))).toEqual(expected);
  });

  it.each([
    ['skip', { label: 'skip', step: null }],
    ['untagged', { label: '', step: null }],
    ['parameters', { label: 'parameters', step: null }],
    ['step', { label: '', step: 'a' }]
  ] as const)('%s is what its tag says', (choice, expected) => {
    expect(wantedBy(form({ choice }), step())).toMatchObject(expected);
  });

  it("keeps Kale's word for parameters", () => {
    const now: Wanted = { label: 'pipeline-parameters', step: null, facts: NOTHING };
    expect(wantedBy(formOf(now), now)).toMatchObject({ label: 'pipeline-parameters' });
  });
});
