import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { components } from './api/schema';

type Bodies = components['schemas'];

export type ClientMessage = Bodies['ClientMessage'];
export type Compiled = Bodies['Compiled'];
export type ConsoleView = Bodies['ConsoleView'];
export type Explained = Bodies['Explained'];
export type LogPart = Bodies['LogPart'];
export type Parameter = Bodies['Parameter'];
export type PipelineView = Bodies['PipelineView'];
export type Problem = Bodies['Problem'];
export type Reason = Bodies['ReasonView'];
export type Released = Bodies['Released'];
export type RunDiff = Bodies['RunDiff'];
export type CodeChange = Bodies['CodeChange'];
export type CellChange = Bodies['CellChange'];
export type RunHead = Bodies['RunHead'];
export type RunOptions = Bodies['Options'];
export type RunPage = Bodies['RunList'];
export type RunView = Bodies['RunView'];
export type ServerMessage = Bodies['ServerMessage'];
export type StepFate = Bodies['StepFate'];
export type StepRecord = Bodies['StepRecord'];
export type StepView = Bodies['StepView'];
export type Suggestion = Bodies['Suggestion'];
export type Timeline = Bodies['Timeline'];
export type Split = NonNullable<RunOptions['split']>;

/** What stands beside a step's name: an icon, words, and how far it is. */
export interface StepState {
  kind: StateKind;
  words: string;
  /** The words where there is little room. */
  short?: string;
  /** From 0 to 1, where it is known. */
  progress?: number;
}

export type StateKind =
  | 'none'
  | 'waiting'
  | 'running'
  | 'cached'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'stale'
  | 'may-run'
  | 'problem';

/** Whether the server can be heard; `since` is when it was heard last, in milliseconds. */
export interface Connection {
  connected: boolean;
  since: number | null;
}

/** What is typed into the parameter form of a notebook; it stays, however often that is drawn. */
export interface IParameterForm {
  /** The parameters that were changed, where what was typed is a value. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The parameters for which something was typed that is no value of theirs. */
  readonly mistyped: readonly string[];
  readonly changed: ISignal<IParameterForm, void>;
  /** What was typed for a parameter; null where it was left as the notebook has it. */
  text(name: string): string | null;
  /** What is typed for a parameter now; its default stands for itself. */
  type(name: string, text: string): void;
  /** Every parameter as the notebook has it. */
  reset(): void;
}

/** The current notebook as a pipeline: its steps, what would run, and its newest run. */
export interface IPipeline {
  readonly panel: NotebookPanel | null;
  /** The notebook's path below the server's root. */
  readonly path: string | null;
  readonly compiled: Compiled | null;
  /** What would run and why, for the file as saved; null where that is not known. */
  readonly explained: Explained | null;
  /** The notebook's running run, else its newest. */
  readonly run: RunView | null;
  /** What stands beside the steps: what the run did, or what would run; null: neither is known. */
  readonly shows: 'run' | 'plan' | null;
  /** Seconds that each step took last, where that is known. */
  readonly usual: ReadonlyMap<string, number>;
  /** The chosen step, in every place that shows steps. */
  readonly selected: string | null;
  /** What was refused or couldn't be reached last; null when all went well. */
  readonly error: Error | null;
  /** Whether the notebook has changed since it was saved: only files are run and explained. */
  readonly unsaved: boolean;
  /** Whether a run is being started or explained. */
  readonly busy: 'start' | 'explain' | null;
  /** How a run is wanted: executor, workers, steps mode, and the parameters that were changed. */
  readonly options: RunOptions;
  /** The parameters as they are being edited. */
  readonly form: IParameterForm;

  readonly changed: ISignal<IPipeline, void>;
  readonly selectedChanged: ISignal<IPipeline, string | null>;

  /** Something that shows the pipeline is visible: follow the notebook until disposed. */
  watch(): IDisposable;
  select(step: string | null): void;
  /** Scroll to a step's first cell, or to a cell counted from 1, and make it the active one. */
  reveal(place: string | number): void;
  /** The step's colour as CSS, the same wherever it appears. */
  colourOf(step: string): string;
  stateOf(step: string): StepState;
  /** The problems of a step, or of a cell counted from 1. */
  problemsOf(place: string | number): readonly Problem[];
  /** Change how a run is wanted; fields that are undefined go back to their defaults. */
  want(options: Partial<Omit<RunOptions, 'params'>>): void;
  /** Do what mends a problem, where there is such a thing. */
  fix(problem: Problem): void;
  /** Save the notebook and start a run; its id, or null where it was refused (see `error`). */
  start(options?: Partial<RunOptions>): Promise<string | null>;
  /** Try once more what `error` tells of. */
  again(): void;
  cancel(): Promise<void>;
  /** Go on with the newest run from its finished steps. */
  resume(): Promise<string | null>;
  explain(): Promise<Explained | null>;
}

export const IPipeline = new Token<IPipeline>(
  'mlops-lab:IPipeline',
  'The current notebook as a pipeline: its steps, their states, and how to run it.'
);

/** Which runs a list shows. */
export interface RunQuery {
  /** A notebook or folder below the server's root: its project's runs. */
  path: string;
  /** Only the runs of that notebook. */
  notebook?: boolean;
  search?: string;
  status?: string;
}

/** A list of runs, newest first, of which only what is looked at is loaded. */
export interface IRunList extends IDisposable {
  readonly query: RunQuery;
  readonly total: number;
  readonly loading: boolean;
  readonly error: Error | null;
  readonly changed: ISignal<IRunList, void>;
  /** The run at that place, if it is loaded. */
  at(index: number): RunHead | undefined;
  /** See to it that these places, the last not among them, are loaded. */
  show(first: number, last: number): void;
  /** List other runs. */
  ask(query: RunQuery): void;
}

/** The output of one step as it comes. */
export interface ILogTail extends IDisposable {
  readonly text: string;
  /** Whether the server has said what there is; before, no text means nothing. */
  readonly known: boolean;
  readonly changed: ISignal<ILogTail, void>;
}

/** Runs, wherever they were started, kept up to date by the server's stream. */
export interface IRuns {
  readonly connection: Connection;
  readonly connectionChanged: ISignal<IRuns, Connection>;
  /** A run has moved, or was heard of for the first time. */
  readonly moved: ISignal<IRuns, RunHead>;
  /** A run is over that was seen running. */
  readonly ended: ISignal<IRuns, RunHead>;
  readonly deleted: ISignal<IRuns, string>;
  /** Runs of which it is known that they go on. */
  readonly running: readonly RunHead[];

  /** The run as far as it is known. */
  run(id: string): RunView | null;
  /** Hear of what happens in the project of a path until disposed. */
  watch(path: string): IDisposable;
  /** Load a run of the project of a path, and keep it up to date until disposed. */
  follow(path: string, id: string, lost?: (error: Error) => void): IDisposable;
  /** Load a run once. */
  load(path: string, id: string): Promise<RunView>;
  list(query: RunQuery): IRunList;
  tail(path: string, id: string, step: string): ILogTail;

  start(path: string, options: RunOptions): Promise<string>;
  cancel(path: string, id: string): Promise<void>;
  resume(path: string, id: string): Promise<string>;
  again(path: string, id: string): Promise<string>;
  remove(path: string, id: string): Promise<void>;
}

export const IRuns = new Token<IRuns>(
  'mlops-lab:IRuns',
  'Runs of pipelines, kept up to date wherever they were started.'
);
