import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { RunNeedsParts } from '../../src/panels/runneeds';
import type { RunPartProps } from '../../src/panels/runview';
import type { RunView } from '../../src/tokens';
import { head, needs, record, run } from '../cases';

const trans = nullTranslator.load('mlops_lab');
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

const files = Array.from({ length: 8 }, (_, at) => ({
  path: `data/part-${at}.csv`,
  digest: `${at}123456789abcdef`,
  size: 2048,
  steps: [at ? 'train' : 'load']
}));
const packages = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`pack${at}`, '1.0']));

function show(view: RunView, selected: string): void {
  const model = { selected, colourOf: () => 'red' } as unknown as RunPartProps['model'];
  const props = { view, model, trans } as unknown as RunPartProps;
  act(() => root.render(<RunNeedsParts {...props} />));
}

function part(title: string): HTMLElement | null {
  return host.querySelector(`[aria-label="${title}"]`);
}

function press(text: string, within: HTMLElement | null): void {
  const all = [...(within?.querySelectorAll('button') ?? [])];
  act(() => all.find(one => one.textContent === text)?.click());
}

const VIEW = run({
  head: head({ host: 'lab1', user: 'ana', surface: 'panel', git_commit: '9b1e2f4aaaa' }),
  steps: [record({ name: 'load', memory: 5_000_000 }), record({ name: 'train', memory: 4e8 })],
  needs: needs({
    python: ['CPython 3.12.4 linux x86_64'],
    files,
    packages,
    outside: [{ name: 'connection db:5432', steps: ['load'] }],
    by_step: { load: ['pack0'], train: Object.keys(packages) }
  })
});

it('says what the run needed and where it ran', () => {
  show(VIEW, 'load');
  const needed = part('What it needed')?.textContent;
  for (const said of ['data/part-0.csv', '01234567', '2.0 kB', 'connection db:5432', '3.12.4']) {
    expect(needed).toContain(said);
  }
  expect(needed).toContain('400 MB at most, in train');
  const place = part('Where it ran')?.textContent;
  for (const said of ['lab1 · Linux, x86_64', 'python3', 'ana in JupyterLab', '9b1e2f4']) {
    expect(place).toContain(said);
  }
});

it('lists the first files, and all when that is asked for', () => {
  show(VIEW, 'load');
  expect(part('What it needed')?.querySelectorAll('li')).toHaveLength(5);
  press('Show 3 more', part('What it needed'));
  expect(part('What it needed')?.querySelectorAll('li')).toHaveLength(8);
});

it('folds the packages, and names those that a step had', () => {
  show(VIEW, 'load');
  const list = (): HTMLElement | null => host.querySelector('.jp-MlopsNeeds-packages');
  expect(list()?.hidden).toBe(true);
  press('20 packages', part('What it needed'));
  expect(list()?.hidden).toBe(false);
  expect(list()?.querySelectorAll('dt')).toHaveLength(20);
  const own = part('load');
  expect(own?.textContent).toContain('1 package');
  expect(own?.textContent).toContain('data/part-0.csv');
  expect(own?.textContent).not.toContain('data/part-1.csv');
  expect(own?.textContent).toContain('5.0 MB at most');
});

it('says nothing of what is not known', () => {
  show(run({ head: head({ host: 'lab1' }) }), 'load');
  expect(part('What it needed')).toBeNull();
  expect(part('load')).toBeNull();
});
