import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { PipelineApi } from '../../src/api/pipeline';
import { ExplainPage } from '../../src/models/explainpage';
import { Pipeline } from '../../src/models/pipeline';
import { Runs } from '../../src/models/runs';
import { ExplainView } from '../../src/panels/explainview';
import type { StepFate } from '../../src/tokens';
import { fate } from '../cases';
import { Server } from '../server';

const trans = nullTranslator.load('mlops_lab');
let server: Server;
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  server = new Server();
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

/** The plan of a notebook that isn't open; the server is asked, and has not answered yet. */
function page(): ExplainPage {
  const { settings } = server;
  const pipeline = new Pipeline(settings, new Runs(settings), trans, () => undefined);
  const model = new ExplainPage(pipeline, new PipelineApi(settings), 'churn.ipynb');
  const commands = new CommandRegistry();
  act(() => {
    root.render(
      <ExplainView model={model} pipeline={pipeline} commands={commands} trans={trans} />
    );
    model.wake();
  });
  return model;
}

async function answered(steps: StepFate[]): Promise<void> {
  const plan = { headline: '', steps, parameters: {}, notes: [], seconds: null };
  await act(async () => {
    const compiled = await server.next('POST pipeline/compile');
    await (await server.next('POST pipeline/explain')).answer(plan);
    await compiled.answer({ pipeline: null, problems: [], split: 'tags', project: '' });
    await drawn();
  });
}

/** What a signal told is drawn in the next frame. */
function drawn(): Promise<void> {
  return new Promise(resolve => requestAnimationFrame(() => resolve()));
}

function steps(cached: number, run: number): StepFate[] {
  const known = Array.from({ length: cached }, (_, at) => ({ ...fate('cached'), name: `old${at}` }));
  const fresh = Array.from({ length: run }, (_, at) => ({ ...fate('run'), name: `new${at}` }));
  return [...known, ...fresh];
}

/** A key where the focus is. */
function press(key: string): void {
  const event = new KeyboardEvent('keydown', { key, bubbles: true });
  act(() => void document.activeElement?.dispatchEvent(event));
}

function rows(): HTMLElement[] {
  return [...host.querySelectorAll<HTMLElement>('.jp-MlopsExplain li')];
}

it('many cached steps stand in one line, which opens by click and by key', async () => {
  page();
  await answered(steps(29, 2));
  expect(rows().map(row => row.querySelector('span')?.textContent)).toEqual([
    '29 cached steps',
    'new0',
    'new1'
  ]);
  act(() => rows()[0]?.click());
  expect([rows().length, rows()[0]?.getAttribute('aria-expanded')]).toEqual([32, 'true']);
  for (const [key, count] of [['ArrowLeft', 3], ['ArrowRight', 32], [' ', 3], ['Enter', 32]] as const) {
    act(() => rows()[0]?.focus());
    press(key);
    expect([key, rows().length]).toEqual([key, count]);
  }
});

it('a chosen step comes to light once; ← leads to its line, which can be closed and opened', async () => {
  const model = page();
  await answered(steps(29, 2));
  await act(async () => {
    model.select('old20');
    await drawn();
  });
  const old = rows()[21];
  expect([rows().length, old?.getAttribute('aria-selected')]).toEqual([32, 'true']);
  act(() => old?.focus());
  press('ArrowLeft');
  expect(document.activeElement).toBe(rows()[0]);
  press('ArrowLeft');
  expect(rows()).toHaveLength(3);
  press('ArrowRight');
  press('ArrowDown');
  expect([rows().length, document.activeElement === rows()[1]]).toEqual([32, true]);
});

it('why it can’t be told is said, and asked again', async () => {
  page();
  await act(async () => {
    await server.next('POST pipeline/compile');
    const busy = { kind: 'BackendError', message: 'the store is busy' };
    await (await server.next('POST pipeline/explain')).answer(busy, 503);
    await drawn();
  });
  expect(host.textContent).toContain('the store is busy');
  const again = [...host.querySelectorAll('button')].find(one => one.textContent === 'Try again');
  act(() => again?.click());
  await answered(steps(0, 2));
  expect(host.textContent).not.toContain('the store is busy');
  expect(rows()).toHaveLength(2);
});
