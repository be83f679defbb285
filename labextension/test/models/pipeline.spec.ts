import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Pipeline } from '../../src/models/pipeline';
import { Runs } from '../../src/models/runs';
import type { Compiled, Explained, Parameter, PipelineView, StepView } from '../../src/tokens';
import { fate, head, problem, reason, record, run } from '../cases';
import { OpenNotebook, written } from '../notebook';
import { Server, settled } from '../server';

let server: Server;
let pipeline: Pipeline;
let notebook: OpenNotebook;

const cells = written('# Churn', ['x = 1', 'step:load'], ['y = x', 'step:train']);

beforeEach(() => {
  server = new Server();
  const runs = new Runs(server.settings);
  pipeline = new Pipeline(server.settings, runs, nullTranslator.load('mlops_lab'), () => undefined);
  notebook = new OpenNotebook('churn.ipynb', cells);
});

afterEach(() => {
  pipeline.panel = null;
});

function step(name: string, cell: number): StepView {
  return {
    name,
    cells: [cell],
    segments: [],
    reads: [],
    writes: [],
    after: [],
    waits_for: [],
    resources: { cpus: null, gpus: null, memory: null, accelerator: null, custom: {} },
    policy: { retries: 0, timeout: null, cache: null, cache_age: null, serial: false },
    data: [],
    metrics: false,
    kale: [],
    home: '',
    everything: false
  };
}

function compiled(more: Partial<Compiled> = {}): Compiled {
  return {
    pipeline: {
      name: 'churn',
      kernel: 'python3',
      python: true,
      parameters: [],
      steps: [step('load', 2), step('train', 3)],
      edges: [['load', 'train']],
      segments: []
    },
    problems: [],
    split: 'tags',
    defaults: { executor: 'local', split: null, workers: null, keep_failed: 0 },
    project: '',
    executors: ['local', 'ray'],
    ...more
  };
}

function explained(): Explained {
  const steps = [
    { ...fate('cached'), name: 'load', seconds: 2 },
    { ...fate('run', reason('code')), name: 'train', seconds: 3 }
  ];
  return { headline: '', steps, parameters: {}, notes: [], seconds: 3 };
}

/** Open it, with somebody watching, and answer what is asked at first. */
async function open(...known: ReturnType<typeof head>[]): Promise<void> {
  pipeline.watch();
  pipeline.panel = notebook.panel;
  await (await server.next('GET runs')).answer({ runs: known, total: known.length });
  await (await server.next('POST pipeline/compile')).answer(taking({ name: 'trees', default: '100' }));
}

/** It takes these parameters. */
function taking(...parameters: Partial<Parameter>[]): Compiled {
  const view = compiled().pipeline as PipelineView;
  const full = parameters.map(one => ({ name: '', default: '', kind: null, help: '', ...one }));
  return compiled({ pipeline: { ...view, parameters: full } });
}

/** What the notebook is edited to. */
async function edited(answer: Compiled): Promise<void> {
  notebook.write(1, `x = ${Math.random()}`);
  await (await server.next('POST pipeline/compile')).answer(answer);
}

describe('the pipeline of the current notebook', () => {
  it('leaves notebook and server alone while nobody watches', async () => {
    pipeline.panel = notebook.panel;
    notebook.write(1, 'x = 2');
    await settled();
    expect([server.asked, server.sockets]).toEqual([[], []]);
  });

  it('is compiled as it is edited, without its outputs', async () => {
    pipeline.watch();
    pipeline.panel = notebook.panel;
    const asked = await server.next('POST pipeline/compile');
    expect(asked.body).toMatchObject({
      path: 'churn.ipynb',
      notebook: { cells: [{ source: '# Churn' }, { source: 'x = 1', outputs: [] }, { outputs: [] }] }
    });
    await asked.answer(compiled());
    expect(pipeline.compiled?.pipeline?.steps.map(one => one.name)).toEqual(['load', 'train']);
    expect(['load', 'train'].map(name => pipeline.colourOf(name))).toEqual([
      'var(--jp-mlops-step-1)',
      'var(--jp-mlops-step-2)'
    ]);
  });

  it('takes the newest answer, whichever comes first', async () => {
    await open();
    notebook.write(1, 'x = 2');
    const old = await server.next('POST pipeline/compile');
    notebook.write(1, 'x = 3');
    const young = await server.next('POST pipeline/compile');
    await young.answer(compiled({ problems: [problem({ message: 'new' })] }));
    await old.answer(compiled({ problems: [problem({ message: 'old' })] }));
    expect(pipeline.compiled?.problems.map(one => one.message)).toEqual(['new']);
  });

  it('says what would run once it is saved, and forgets that at the next edit', async () => {
    await open();
    await (await server.next('POST pipeline/explain')).answer(explained());
    expect([pipeline.shows, pipeline.stateOf('load').kind, pipeline.stateOf('train').words]).toEqual([
      'plan',
      'cached',
      'code changed'
    ]);
    notebook.write(1, 'x = 2');
    await (await server.next('POST pipeline/compile')).answer(compiled());
    expect([pipeline.shows, pipeline.stateOf('load').kind]).toEqual([null, 'none']);
    await notebook.save();
    await (await server.next('POST pipeline/explain')).answer(explained());
    expect(pipeline.shows).toBe('plan');
  });

  it('looks ahead although a kernel has marked the notebook as changed', async () => {
    pipeline.panel = notebook.panel;
    await settled();
    notebook.model.setMetadata('language_info', { name: 'python' });
    notebook.model.dirty = true;
    pipeline.watch();
    expect(pipeline.unsaved).toBe(false);
    notebook.write(1, 'x = 2');
    pipeline.panel = null;
    pipeline.panel = notebook.panel;
    expect(pipeline.unsaved).toBe(true);
  });

  it('is saved, run with the parameters that were set, and followed', async () => {
    await open();
    notebook.model.dirty = true;
    pipeline.form.type('trees', '200');
    const started = pipeline.start();
    const asked = await server.next('POST runs');
    expect([notebook.saved, asked.body]).toEqual([
      1,
      { path: 'churn.ipynb', options: { params: { trees: 200 } } }
    ]);
    await asked.answer({ run_id: 'r1' }, 202);
    expect(await started).toBe('r1');
    await (await server.next('GET runs/r1')).answer(run());
    server.sockets[0]?.tell({
      kind: 'run',
      seq: 2,
      head: head({ done: 1 }),
      steps: [record({ name: 'load', status: 'succeeded', seconds: 2 })],
      notes: []
    });
    expect(['load', 'train'].map(name => pipeline.stateOf(name).words)).toEqual(['2.0 s', 'waiting']);
  });

  describe('what is typed for a parameter', () => {
    const typed = () => [pipeline.form.text('trees'), pipeline.options.params];

    it('stays when a run ends', async () => {
      await open(head());
      await (await server.next('GET runs/r1')).answer(run());
      pipeline.form.type('trees', '200');
      const over = head({ status: 'succeeded', seconds: 3 });
      server.sockets[0]?.tell({ kind: 'run', seq: 2, head: over, steps: [], notes: [] });
      expect([pipeline.run?.head.status, typed()]).toEqual(['succeeded', ['200', { trees: 200 }]]);
    });

    it('stays when the notebook is compiled anew, whatever its default is now', async () => {
      await open();
      pipeline.form.type('trees', '200');
      await edited(taking({ name: 'trees', default: '150' }));
      expect(typed()).toEqual(['200', { trees: 200 }]);
    });

    it('stays where it is no value yet, and keeps a run from starting', async () => {
      await open();
      pipeline.form.type('trees', '20x');
      expect([typed(), pipeline.form.mistyped]).toEqual([['20x', undefined], ['trees']]);
      expect(await pipeline.start()).toBeNull();
      expect(pipeline.error?.message).toContain('trees');
      expect(server.asked.filter(one => one.path === 'runs')).toEqual([]);
    });

    it.each(['200', '20x'])('does not count, as %s, while its parameter is not there', async text => {
      await open();
      pipeline.form.type('trees', text);
      const there = [typed(), pipeline.form.mistyped];
      await edited({ ...taking(), problems: [problem({})] });
      expect([typed(), pipeline.form.mistyped]).toEqual(there);
      await edited(taking());
      expect([typed(), pipeline.form.mistyped]).toEqual([[null, undefined], []]);
      await edited(taking({ name: 'trees', default: '100' }));
      expect([typed(), pipeline.form.mistyped]).toEqual(there);
    });

    async function run(): Promise<void> {
      const started = pipeline.start();
      await (await server.next('POST runs')).answer({ run_id: 'r1' }, 202);
      await started;
    }

    it.each([
      ['a reset', async () => pipeline.form.reset()],
      ['a run without it', run]
    ])('is forgotten by %s while its parameter is not there', async (_, act) => {
      await open();
      pipeline.form.type('trees', '200');
      await edited(taking());
      await act();
      await edited(taking({ name: 'trees', default: '100' }));
      expect(typed()).toEqual([null, undefined]);
    });

    it('goes when it is reset, or typed as the notebook has it', async () => {
      await open();
      for (const undo of [() => pipeline.form.reset(), () => pipeline.form.type('trees', '100')]) {
        pipeline.form.type('trees', '200');
        undo();
        expect(typed()).toEqual([null, undefined]);
      }
    });

    it('is read anew where the parameter is of another kind', async () => {
      await open();
      pipeline.form.type('trees', '200');
      await edited(taking({ name: 'trees', default: "'many'" }));
      expect(typed()).toEqual(['200', { trees: '200' }]);
    });

    it('is of one notebook, and there again with it', async () => {
      await open();
      pipeline.form.type('trees', '200');
      pipeline.panel = new OpenNotebook('other.ipynb', cells).panel;
      expect(typed()).toEqual([null, undefined]);
      pipeline.panel = notebook.panel;
      expect(typed()).toEqual(['200', { trees: 200 }]);
    });

    it('names an environment variable for a parameter of any kind', async () => {
      await open();
      pipeline.form.type('trees', 'env:TREES');
      expect(typed()).toEqual(['env:TREES', { trees: 'env:TREES' }]);
    });
  });

  it('shows a run that somebody else began', async () => {
    await open(head({ run_id: 'r0', started: 50, status: 'succeeded' }));
    await (await server.next('GET runs/r0')).answer(
      run({ head: head({ run_id: 'r0', started: 50, status: 'succeeded' }) })
    );
    server.sockets[0]?.tell({ kind: 'run', seq: 1, head: head({}), steps: [], notes: [] });
    expect(pipeline.run?.head.run_id).toBe('r1');
    await (await server.next('GET runs/r1')).answer(run());
  });

  it('keeps why a run was refused until the next attempt', async () => {
    await open();
    const started = pipeline.start();
    const refusal = { kind: 'ParameterError', message: "no parameter 'tree'" };
    await (await server.next('POST runs')).answer(refusal, 422);
    expect(await started).toBeNull();
    expect([pipeline.error?.message, pipeline.busy]).toEqual(["no parameter 'tree'", null]);
  });

  const busy = { kind: 'BackendError', message: 'the store is busy' };

  it('does once more what was refused', async () => {
    await open();
    const started = pipeline.start();
    await (await server.next('POST runs')).answer(busy, 503);
    expect([await started, pipeline.error?.message]).toEqual([null, busy.message]);
    pipeline.again();
    await (await server.next('POST runs')).answer({ run_id: 'r1' }, 202);
    expect([pipeline.error, pipeline.shows]).toEqual([null, null]);
    await (await server.next('GET runs/r1')).answer(run());
    expect(pipeline.run?.head.run_id).toBe('r1');
  });

  it('says that it can’t be told what would run, also where nobody asked, and asks again', async () => {
    await open();
    await (await server.next('POST pipeline/explain')).answer(busy, 503);
    expect(pipeline.error?.message).toBe(busy.message);
    pipeline.again();
    await (await server.next('POST pipeline/explain')).answer(explained());
    expect([pipeline.error, pipeline.shows]).toEqual([null, 'plan']);
  });

  it('says that its runs, or its steps, can’t be had, and asks again', async () => {
    pipeline.watch();
    pipeline.panel = notebook.panel;
    await (await server.next('GET runs')).answer(busy, 503);
    expect(pipeline.error?.message).toBe(busy.message);
    await (await server.next('POST pipeline/compile')).fail();
    expect(pipeline.error?.message).toBe('Failed to fetch');
    pipeline.again();
    await (await server.next('POST pipeline/compile')).answer(compiled());
    await (await server.next('GET runs')).answer({ runs: [head()], total: 1 });
    expect(pipeline.error).toBeNull();
    await (await server.next('GET runs/r1')).answer(busy, 503);
    expect(pipeline.error?.message).toBe(busy.message);
    pipeline.again();
    await (await server.next('GET runs/r1')).answer(run());
    expect([pipeline.error, pipeline.run?.head.run_id]).toEqual([null, 'r1']);
  });

  describe('what was asked before she turned to another notebook', () => {
    /** Ask while the notebook has to be saved first; it is saved when this is called. */
    async function saving<T>(ask: () => Promise<T>): Promise<[T: Promise<T>, saved: () => void]> {
      await open();
      let saved = (): void => undefined;
      const slow = new Promise<void>(resolve => (saved = resolve));
      Object.assign(notebook.panel.context, { save: () => slow });
      pipeline.form.type('trees', '200');
      notebook.model.dirty = true;
      const asked = ask();
      pipeline.panel = new OpenNotebook('other.ipynb', cells).panel;
      return [asked, saved];
    }

    it('runs with its own parameters, and is its own run', async () => {
      const [started, saved] = await saving(() => pipeline.start());
      saved();
      const asked = await server.next('POST runs');
      expect(asked.body).toEqual({ path: 'churn.ipynb', options: { params: { trees: 200 } } });
      await asked.answer({ run_id: 'r1' }, 202);
      expect([await started, pipeline.run]).toEqual(['r1', null]);
      expect(server.asked.filter(one => one.path === 'runs/r1')).toEqual([]);
    });

    it('fails unseen', async () => {
      const [started, saved] = await saving(() => pipeline.start());
      saved();
      await (await server.next('POST runs')).answer(busy, 503);
      expect([await started, pipeline.error, pipeline.busy]).toEqual([null, null, null]);
    });

    it('is not explained any more', async () => {
      const [asked, saved] = await saving(() => pipeline.explain());
      saved();
      expect([await asked, pipeline.explained, pipeline.error]).toEqual([null, null, null]);
      expect(server.asked.filter(one => one.path === 'pipeline/explain')).toEqual([]);
    });
  });

  it.each([
    ['a key typed', () => edited(compiled())],
    ['another value', () => pipeline.form.type('trees', '200')],
    ['another notebook', () => (pipeline.panel = new OpenNotebook('other.ipynb', cells).panel)]
  ])('%s takes the question back what would run: no failure, and no plan', async (_, act) => {
    await open();
    const asked = pipeline.explain();
    const question = await server.next('POST pipeline/explain');
    await act();
    await question.fail();
    expect([await asked, pipeline.error, pipeline.explained]).toEqual([null, null, null]);
  });

  it('asks once for the runs that it couldn’t have when the server is heard', async () => {
    pipeline.watch();
    pipeline.panel = notebook.panel;
    await (await server.next('POST pipeline/compile')).answer(compiled());
    await (await server.next('GET runs')).answer(busy, 503);
    server.sockets[0]?.onopen?.();
    await (await server.next('GET runs')).answer({ runs: [head()], total: 1 });
    await (await server.next('GET runs/r1')).answer(run());
    expect([pipeline.error, server.asked.filter(one => one.path === 'runs')]).toEqual([null, []]);
  });

  it('selects the step whose cell becomes active, and reveals the first cell of a step', async () => {
    await open();
    notebook.content.activeCellIndex = 2;
    notebook.content.activeCellChanged.emit();
    expect(pipeline.selected).toBe('train');
    pipeline.reveal('load');
    expect([pipeline.selected, notebook.content.activeCellIndex]).toEqual(['load', 1]);
  });

  it('has problems by step and by cell', async () => {
    pipeline.watch();
    pipeline.panel = notebook.panel;
    const problems = [problem({ message: 'a', cell: 3 }), problem({ message: 'b', step: 'load' })];
    await (await server.next('POST pipeline/compile')).answer(compiled({ problems }));
    const of = (place: string | number) => pipeline.problemsOf(place).map(one => one.message);
    expect([of('train'), of('load'), of(3), of(2)]).toEqual([['a'], ['b'], ['a'], []]);
  });
});
