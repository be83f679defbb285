import type { Problem, Reason, RunHead, RunView, StepFate, StepRecord } from '../src/tokens';

/** Values as the server sends them, of which a test says only what matters to it. */

export function reason(kind: string, more: Partial<Reason> = {}): Reason {
  return { kind, what: '', old: '', new: '', text: kind, ...more };
}

export function fate(what: StepFate['fate'], ...why: Reason[]): StepFate {
  return { name: 'train', fate: what, why, home: '', where: '', waits: [], seconds: null };
}

export function problem(more: Partial<Problem>): Problem {
  const none = { way_out: '', cell: null, line: null, step: null, warning: false, fix: null };
  return { message: 'it is wrong', ...none, ...more };
}

export function record(more: Partial<StepRecord>): StepRecord {
  return {
    name: 'train',
    status: 'waiting',
    cached: false,
    attempts: 0,
    worker: null,
    started: null,
    ended: null,
    seconds: null,
    early: false,
    waited: 0,
    waits: '',
    spans: [],
    dropped: [],
    cells_done: 0,
    cells: 0,
    cell: null,
    reads: [],
    writes: [],
    resources: {},
    metrics: {},
    why: [],
    entries: [],
    error: null,
    traceback: null,
    memory: null,
    cpu: null,
    saved: 0,
    ...more
  };
}

export function head(more: Partial<RunHead> = {}): RunHead {
  return {
    run_id: 'r1',
    status: 'running',
    notebook: 'churn.ipynb',
    path: 'churn.ipynb',
    project: '',
    name: 'churn',
    executor: 'local',
    started: 100,
    seconds: null,
    steps: 2,
    done: 0,
    cached: 0,
    saved: 0,
    step: null,
    cell: null,
    error: null,
    params: {},
    metrics: {},
    git_commit: null,
    git_dirty: null,
    mlflow_run_id: null,
    resumed: null,
    host: '',
    user: '',
    surface: '',
    ...more
  };
}

export function needs(more: Partial<RunView['needs']> = {}): RunView['needs'] {
  const none = { python: [], packages: {}, files: [], more: 0, variables: [], outside: [] };
  return { ...none, by_step: {}, ...more };
}

export function run(more: Partial<RunView> = {}): RunView {
  return {
    head: head(),
    steps: [record({ name: 'load' }), record({ name: 'train' })],
    notes: [],
    graph: [['load', 'train']],
    cells: { load: [2], train: [3] },
    ids: {},
    timeline: { rows: [], wall: 0, worked: 0, waited: 0, wasted: 0, alone: null },
    needs: needs(),
    spec: 'python3',
    options: {},
    output: null,
    kernel: null,
    tracked_at: null,
    seq: 1,
    ...more
  };
}
