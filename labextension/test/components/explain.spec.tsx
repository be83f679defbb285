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
import type { Explained, StepFate } from '../../src/tokens';
import { fate } from '../cases';
import { OpenNotebook, written } from '../notebook';
import { Server, settled } from '../server';

const trans = nullTranslator.load('mlops_lab');
let server: Server;
let root: Root;
let host: HTMLElement;
/** The runs whose pages were opened. */
let shown: unknown[];

beforeEach(() => {
  server = new Server();
  shown = [];
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

/** What is worked at: that notebook, or none. */
function working(open?: OpenNotebook): Pipeline {
  const { settings } = server;
  const pipeline = new Pipeline(settings, new Runs(settings), trans, () => undefined);
  pipeline.panel = open?.panel ?? null;
  return pipeline;
}

/** The plan of a notebook; the server is asked, and has not answered yet. */
function page(pipeline = working()): ExplainPage {
  const { settings } = server;
  const api = new PipelineApi(settings);
  const model = new ExplainPage(pipeline, new Runs(settings), api, 'churn.ipynb');
  const commands = new CommandRegistry();
  commands.addCommand('mlops:open-run', { execute: args => void shown.push(args.run_id) });
  act(() => {
    root.render(
      <ExplainView model={model} pipeline={pipeline} commands={commands} trans={trans} />
    );
    model.wake();
  });
  return model;
}

function planned(steps: StepFate[]): Explained {
  return { headline: '', steps, parameters: {}, notes: [], seconds: null };
}

async function answered(steps: StepFate[]): Promise<void> {
  await act(async () => {
    const compiled = await server.next('POST pipeline/compile');
    await (await server.next('POST pipeline/explain')).answer(planned(steps));
    await compiled.answer({ pipeline: null, problems: [], split: 'tags', project: '' });
    await drawn();
  });
}

async function click(label: string): Promise<void> {
  const button = [...host.querySelectorAll('button')].find(one => one.textContent === label);
  await act(async () => {
    button?.click();
    await drawn();
  });
}

/** The next request of that route is answered so, and that is drawn; what was asked. */
async function answer(route: string, body: unknown, status = 200): Promise<unknown> {
  const asked = await server.next(route);
  await act(async () => {
    await asked.answer(body, status);
    await drawn();
  });
  return asked.body;
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

const busy = { kind: 'BackendError', message: 'the store is busy' };

it.each([true, false])('a run that was refused is tried again; notebook open: %s', async open => {
  const cells = written(['x = 1', 'step:load']);
  const pipeline = working(open ? new OpenNotebook('churn.ipynb', cells) : undefined);
  await settled();
  page(pipeline);
  await answered(steps(0, 1));
  await click('Run this plan');
  await answer('POST runs', busy, 503);
  expect(host.textContent).toContain(busy.message);
  await click('Try again');
  await answer('POST runs', { run_id: 'r1' }, 202);
  expect(shown).toEqual(['r1']);
  expect(host.textContent).not.toContain(busy.message);
});

it('a plan keeps the options that it was made with, whatever notebook is worked at', async () => {
  const cells = written(['x = 1', 'step:load']);
  const pipeline = working(new OpenNotebook('churn.ipynb', cells));
  pipeline.want({ workers: 4, split: 'sections' });
  page(pipeline);
  const made = { path: 'churn.ipynb', options: { workers: 4, split: 'sections' } };
  await answered(steps(0, 1));
  pipeline.panel = new OpenNotebook('other.ipynb', cells).panel;
  server.asked.length = 0;
  await click('Look again');
  const asked = await server.next('POST pipeline/compile');
  expect(asked.body).toEqual({ path: 'churn.ipynb', split: 'sections' });
  await asked.answer({ pipeline: null, problems: [], split: 'sections', project: '' });
  expect(await answer('POST pipeline/explain', planned(steps(0, 1)))).toEqual(made);
  await click('Run this plan');
  expect(await answer('POST runs', { run_id: 'r1' }, 202)).toEqual(made);
  expect(shown).toEqual(['r1']);
});
