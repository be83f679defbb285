import type { RunView, ServerMessage, StepRecord } from '../tokens';

export type RunMoved = Extract<ServerMessage, { kind: 'run' }>;

/** The run after what the stream told of it; the same object where it tells nothing new. */
export function moved(view: RunView | undefined, told: RunMoved): RunView {
  if (!view) {
    return begun(told);
  }
  if (told.seq <= view.seq) {
    return view;
  }
  const { head, notes, seq } = told;
  return { ...view, head, notes, seq, steps: replaced(view.steps, told.steps) };
}

/** The run as it was loaded, and as the stream told meanwhile. */
export function loaded(view: RunView | undefined, answer: RunView): RunView {
  if (!view || view.seq <= answer.seq) {
    return answer;
  }
  const { head, notes, seq } = view;
  return { ...answer, head, notes, seq, steps: replaced(answer.steps, view.steps) };
}

/** Of a run of which only the stream has told. */
const NOTHING: RunView['needs'] = {
  python: [],
  packages: {},
  files: [],
  more: 0,
  variables: [],
  outside: [],
  by_step: {}
};

/** What the stream alone says of a run: neither its graph nor its cells. */
function begun(told: RunMoved): RunView {
  const { head, steps, notes, seq } = told;
  return {
    head,
    steps,
    notes,
    seq,
    graph: [],
    cells: {},
    ids: {},
    timeline: { rows: [], wall: 0, worked: 0, waited: 0, wasted: 0, alone: null },
    needs: NOTHING,
    spec: '',
    options: {},
    output: null,
    kernel: null,
    tracked_at: null
  };
}

function replaced(steps: readonly StepRecord[], changed: readonly StepRecord[]): StepRecord[] {
  const now = new Map(changed.map(step => [step.name, step]));
  const kept = steps.map(step => now.get(step.name) ?? step);
  const known = new Set(steps.map(step => step.name));
  return [...kept, ...changed.filter(step => !known.has(step.name))];
}
