import { describe, expect, it } from 'vitest';

import cases from '../../../tests/cases/marks.json';
import { count, duration, size, times } from '../../src/cells/quantity';
import { FLAGS, OPTIONS, stepLine, written } from '../../src/cells/stepline';
import { type Facts, NOTHING, readTags, type Wanted, writeTags } from '../../src/cells/tags';

/** Facts as the compiler knows them: numbers in their units. */
function known(facts: Facts): object {
  const { after, cpus, gpus, memory, accelerator, retries, timeout, cache, serial, data } = facts;
  return {
    after,
    cpus: count(cpus),
    gpus: count(gpus),
    memory: size(memory),
    accelerator: accelerator || null,
    retries: times(retries),
    timeout: duration(timeout),
    cache: cache ? cache !== 'off' : null,
    cache_age: duration(cache, false),
    serial,
    data
  };
}

describe('tags', () => {
  it.each(cases.tags)('$tags say here what they say to the compiler', ({ tags, ...expected }) => {
    const { kind, label, step, facts } = readTags(tags);
    expect({ kind, label, step, ...known(facts) }).toEqual(expected);
  });

  it.each(cases.tags)('$tags stay as they are where nothing is edited', ({ tags }) => {
    expect(writeTags(tags, readTags(tags))).toEqual(
      // What belongs to a step goes where there is none.
      readTags(tags).step === null ? writeTags(tags, { ...readTags(tags), facts: NOTHING }) : tags
    );
  });

  const facts: Facts = {
    after: ['load'],
    cpus: '4',
    gpus: '1',
    memory: '8GB',
    accelerator: 'A100',
    retries: '2',
    timeout: '10m',
    cache: 'on',
    serial: true,
    data: ['raw/a.csv', 'b']
  };
  const a = (more: Partial<Facts> = {}): Wanted => ({ label: '', step: 'a', facts: { ...NOTHING, ...more } });
  const table: [string, string, Wanted, string][] = [
    ['all that can be said', '', a(facts), 'step:a prev:load cpus:4 gpus:1 memory:8GB accelerator:A100 retries:2 timeout:10m cache:on serial data:raw/a.csv data:b'],
    ['one file less', 'step:a data:x mine data:y', a({ data: ['y'] }), 'step:a data:y mine'],
    ['what is unknown stays where it is', 'mine step:b yours', a(), 'mine step:a yours'],
    ["Kale's words stay where they aren't edited", 'block:a limit:cpu:4 prev:load', a({ cpus: '4', after: ['load'], retries: '1' }), 'block:a limit:cpu:4 prev:load retries:1'],
    ["Kale's words are rewritten where they are", 'block:b limit:cpu:4 secret:x', a({ cpus: '2' }), 'step:a cpus:2 secret:x'],
    ['one more that it waits for', 'step:a after:load mine', a({ after: ['load', 'clean'] }), 'step:a prev:load prev:clean mine'],
    ['nothing is left of a step that is removed', 'mine step:a cpus:2 serial', { label: '', step: null, facts: NOTHING }, 'mine'],
    ['a step becomes a skipped cell', 'mine step:a cpus:2', { label: 'skip', step: null, facts: NOTHING }, 'skip mine'],
    ['a skipped cell becomes a step', 'skip mine', a(), 'mine step:a'],
    ['what was wrong goes with what is edited', 'step:a cpus:many', a({ cpus: '2' }), 'step:a cpus:2'],
    ['raises-exception stays', 'step:b raises-exception', a(), 'step:a raises-exception']
  ];
  it.each(table)('%s', (_, before, wanted, after) => {
    expect(writeTags(before.split(' ').filter(Boolean), wanted).join(' ')).toBe(after);
  });

  it.each(table)('%s, and reads as it was written', (_, before, wanted) => {
    const { label, step, facts: found } = readTags(writeTags(before.split(' '), wanted));
    expect({ label, step, facts: found }).toEqual(wanted);
  });
});

describe('the line of a step', () => {
  it.each(cases.lines)('$source stands for the tags that the compiler reads', ({ source, tags }) => {
    expect(stepLine(source)?.tags ?? []).toEqual(tags);
  });

  it('has the options that the compiler knows', () => {
    expect([...OPTIONS, ...FLAGS]).toEqual(cases.options);
  });

  const edits: [string, string[], string][] = [
    ['%%mlops step a', ['step:b'], '%%mlops step b'],
    ['%%mlops step a # mine', ['step:a', 'cpus:2'], '%%mlops step a --cpus 2 # mine'],
    ['%%mlops step a', ['step:a', 'prev:load', 'after:clean', 'serial'], '%%mlops step a --after load,clean --serial'],
    ['%%mlops step a', ['step:a', 'data:my cars.csv'], "%%mlops step a --data 'my cars.csv'"]
  ];
  it.each(edits)('%s becomes what %j say', (before, tags, after) => {
    const line = stepLine(before);
    expect(line && written(line, tags)).toBe(after);
  });
});
