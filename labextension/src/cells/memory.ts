import type { TranslationBundle } from '@jupyterlab/translation';

import { cellStates } from '../models/cellstates';
import type { IPipeline, PipelineView, Problem, StateKind, StepState } from '../tokens';
import { flowOf } from './flow';

/** What is known of the steps of one notebook; it stays when another notebook is looked at. */
export interface Memory {
  view: PipelineView | null;
  /** Whether the steps were told by tags. */
  byTags: boolean;
  states: ReadonlyMap<string, StepState>;
  /** What became of each cell in the run, by its place; empty where no run is shown. */
  turns: ReadonlyMap<number, StateKind>;
  flows: ReadonlyMap<string, string>;
  whys: ReadonlyMap<string, string>;
  problems: readonly Problem[];
  selected: string | null;
  running: boolean;
}

export const BLANK: Memory = {
  view: null,
  byTags: true,
  states: new Map(),
  turns: new Map(),
  flows: new Map(),
  whys: new Map(),
  problems: [],
  selected: null,
  running: false
};

/** What the pipeline knows of its notebook now. */
export function remembered(pipeline: IPipeline, trans: TranslationBundle): Memory {
  const { compiled, explained, shows, selected } = pipeline;
  const view = compiled?.pipeline ?? null;
  const steps = view?.steps ?? [];
  const fates = shows === 'plan' ? (explained?.steps ?? []) : [];
  const split = compiled?.split ?? 'tags';
  const states = steps.map(({ name }): [string, StepState] => [name, said(pipeline.stateOf(name), trans)]);
  return {
    view,
    byTags: split === 'tags' && (view?.python ?? true),
    states: new Map(states),
    turns: new Map(turnsOf(pipeline, steps)),
    flows: new Map(steps.map(step => [step.name, flowOf(step, trans)])),
    whys: new Map(fates.map(({ name, why }) => [name, why.map(one => one.text).join('\n')])),
    problems: compiled?.problems ?? [],
    selected,
    running: states.some(([, state]) => state.kind === 'running')
  };
}

function turnsOf({ run, shows }: IPipeline, steps: PipelineView['steps']): [number, StateKind][] {
  const records = shows === 'run' ? (run?.steps ?? []) : [];
  return records.flatMap(record => {
    const cells = steps.find(({ name }) => name === record.name)?.cells ?? [];
    return cellStates(record, cells).map((kind, nth): [number, StateKind] => [(cells[nth] ?? 0) - 1, kind]);
  });
}

/** In a cell there is room to say what a rail leaves to its icon. */
function said(state: StepState, trans: TranslationBundle): StepState {
  if (state.kind === 'succeeded' && /^\d/.test(state.words)) {
    return { ...state, words: trans.__('done %1', state.words) };
  }
  if (state.kind === 'running' && state.progress !== undefined) {
    return { ...state, words: trans.__('running · %1', state.words) };
  }
  return state;
}
