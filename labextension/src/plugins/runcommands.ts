import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  InputDialog,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import { type INotebookModel, INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { OutputDrive, outputPath } from '../models/outputs';
import { shortId, told } from '../models/runwords';
import { when } from '../models/words';
import { IPipeline, IRuns, type RunHead } from '../tokens';
import { translation } from './translation';

/** What can be done with a run; the arguments say which, else it is the notebook's newest. */
export const RunCommands = {
  again: 'mlops:run-again',
  remove: 'mlops:delete-run',
  output: 'mlops:open-run-output',
  compare: 'mlops:compare-runs',
  mlflow: 'mlops:open-mlflow',
  goto: 'mlops:go-to-cell',
  runFile: 'mlops:run-notebook'
} as const;

/** What is run, resumed, cancelled, deleted: named by its project and id. */
export interface Named {
  path: string;
  run_id: string;
}

interface Parts {
  app: JupyterFrontEnd;
  runs: IRuns;
  pipeline: IPipeline;
  tracker: INotebookTracker;
  trans: TranslationBundle;
}

/** Commands about runs, and the drive on which their output notebooks lie. */
export const runCommands: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:run-commands',
  description: 'Commands about runs, each with the run as an argument; output notebooks to read.',
  autoStart: true,
  requires: [IRuns, IPipeline, INotebookTracker],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    pipeline: IPipeline,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = translation(translator);
    const { contents, serverSettings } = app.serviceManager;
    contents.addDrive(new OutputDrive(serverSettings));
    const parts: Parts = { app, runs, pipeline, tracker, trans };
    addActs(parts);
    addPlaces(parts);
    const category = trans.__('Pipeline');
    for (const command of [RunCommands.again, RunCommands.output, RunCommands.compare]) {
      palette?.addItem({ command, category });
    }
  }
};

/** The arguments that name a run, as programs see them. */
export const describedBy = {
  args: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'A notebook or folder of the run’s project' },
      run_id: { type: 'string', description: 'The run; the current notebook’s newest if left out' }
    }
  }
} as const;

/** The run that a command is about. */
export function named(args: ReadonlyPartialJSONObject, pipeline: IPipeline): Named | null {
  const { path, run_id: id } = args;
  if (typeof id === 'string') {
    return { path: typeof path === 'string' ? path : '', run_id: id };
  }
  const head = pipeline.run?.head;
  return head ? { path: pipeline.path ?? '', run_id: head.run_id } : null;
}

/** Do it; what is refused is said in a dialog. */
export async function saying<T>(title: string, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    await showErrorMessage(title, error instanceof Error ? error : String(error));
    return null;
  }
}

function addActs({ app, runs, pipeline, trans }: Parts): void {
  const { commands } = app;
  const isEnabled = (args: ReadonlyPartialJSONObject): boolean => named(args, pipeline) !== null;
  commands.addCommand(RunCommands.again, {
    label: trans.__('Run Again'),
    caption: trans.__('Run the notebook as it is now, with the parameters and options of a run'),
    describedBy,
    isEnabled,
    execute: async args => {
      const run = named(args, pipeline);
      const id =
        run &&
        (await saying(trans.__('It can’t run again'), () => runs.again(run.path, run.run_id)));
      return id && run ? opened(commands, run.path, id) : null;
    }
  });
  commands.addCommand(RunCommands.remove, {
    label: trans.__('Delete Run…'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          ...describedBy.args.properties,
          run_ids: { type: 'array', items: { type: 'string' }, description: 'Several at once' }
        }
      }
    },
    isEnabled: args => 'run_ids' in args || isEnabled(args),
    execute: async args => {
      const run = named(args, pipeline);
      const many = Array.isArray(args.run_ids) ? args.run_ids.map(String) : run ? [run.run_id] : [];
      const path = typeof args.path === 'string' ? args.path : (run?.path ?? '');
      if (many.length && (await sure(many, trans))) {
        await saying(trans.__('The run can’t be deleted'), async () => {
          for (const id of many) {
            await runs.remove(path, id);
          }
        });
      }
    }
  });
  commands.addCommand(RunCommands.runFile, {
    label: trans.__('Run as Pipeline'),
    caption: trans.__('Run the notebook as saved, and show the run'),
    describedBy: { args: { type: 'object', properties: { path: { type: 'string' } } } },
    execute: async ({ path }) => {
      const file = typeof path === 'string' ? path : pipeline.path;
      const id =
        file === null
          ? null
          : await saying(trans.__('%1 can’t run', file), () => runs.start(file, {}));
      return id && file !== null ? opened(commands, file, id) : null;
    }
  });
}

/** The page of a run that has just begun. */
export async function opened(commands: CommandRegistry, path: string, id: string): Promise<string> {
  await commands.execute('mlops:open-run', { path, run_id: id });
  return id;
}

async function sure(ids: readonly string[], trans: TranslationBundle): Promise<boolean> {
  const act =
    ids.length === 1
      ? trans.__('Delete run %1', shortId(ids[0] ?? ''))
      : trans._n('Delete %1 run', 'Delete %1 runs', ids.length);
  const answer = await showDialog({
    title: trans.__('%1?', act),
    body: trans.__(
      'The record, the output notebook and what was printed are deleted. Cached results stay, so a new run is as quick.'
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Keep') }), Dialog.warnButton({ label: act })],
    defaultButton: 0
  });
  return answer.button.accept;
}

function addPlaces({ app, runs, pipeline, tracker, trans }: Parts): void {
  const { commands } = app;
  const isEnabled = (args: ReadonlyPartialJSONObject): boolean => named(args, pipeline) !== null;
  commands.addCommand(RunCommands.output, {
    label: trans.__('Open Output Notebook'),
    describedBy,
    isEnabled,
    execute: async args => {
      const run = named(args, pipeline);
      const view = run && (runs.run(run.run_id) ?? (await runs.load(run.path, run.run_id)));
      return view && run
        ? commands.execute('docmanager:open', {
            path: outputPath(run.path, run.run_id, view.head.name),
            kernelPreference: { shouldStart: false }
          })
        : null;
    }
  });
  commands.addCommand(RunCommands.compare, {
    label: trans.__('Compare Runs…'),
    caption: trans.__('Compare a run with another of its notebook'),
    describedBy: {
      args: {
        type: 'object',
        properties: { ...describedBy.args.properties, other: { type: 'string' } }
      }
    },
    isEnabled,
    execute: async args => {
      const run = named(args, pipeline);
      const other =
        typeof args.other === 'string' ? args.other : run && (await another(runs, run, trans));
      return run && other
        ? commands.execute('mlops:open-comparison', { path: run.path, a: other, b: run.run_id })
        : null;
    }
  });
  commands.addCommand(RunCommands.goto, {
    label: trans.__('Go to Cell'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          cell: { type: 'integer', description: 'Counted from 1' },
          id: {
            type: ['string', 'null'],
            description: 'The cell’s id, which counts if it is there'
          }
        }
      }
    },
    execute: async ({ path, cell, id }) => {
      const panel = (await commands.execute('docmanager:open', { path })) as
        NotebookPanel | undefined;
      if (panel && tracker.has(panel)) {
        await panel.context.ready;
        reveal(panel, Number(cell), typeof id === 'string' ? id : null);
      }
    }
  });
}

function reveal(panel: NotebookPanel, cell: number, id: string | null): void {
  const model: INotebookModel | null = panel.content.model;
  const cells = [...(model?.cells ?? [])];
  const found = cells.findIndex(one => one.id === id);
  const at = found < 0 ? cell - 1 : found;
  panel.content.mode = 'command';
  panel.content.deselectAll();
  panel.content.activeCellIndex = at;
  void panel.content.scrollToItem(at, 'smart');
  panel.content.node.focus();
}

/** Another run of the same notebook, as she chooses it from a list. */
async function another(
  runs: IRuns,
  { path, run_id: id }: Named,
  trans: TranslationBundle
): Promise<string | null> {
  const head = (runs.run(id) ?? (await runs.load(path, id))).head;
  const list = runs.list({ path: head.path ?? path, notebook: head.path !== null });
  const others = await settled(list);
  list.dispose();
  const choices = others.filter(one => one.run_id !== id);
  if (!choices.length) {
    await showErrorMessage(
      trans.__('Nothing to compare with'),
      trans.__('%1 has no other run yet.', head.name)
    );
    return null;
  }
  const words = (one: RunHead): string =>
    [shortId(one.run_id), when(one.started, Date.now()), told(one, true, trans)].join(' · ');
  const before = choices.findIndex(one => one.started < head.started);
  const answer = await InputDialog.getItem({
    title: trans.__('Compare %1 with', shortId(id)),
    items: choices.map(words),
    current: Math.max(before, 0),
    okLabel: trans.__('Compare')
  });
  return choices.find(one => words(one) === answer.value)?.run_id ?? null;
}

function settled(list: ReturnType<IRuns['list']>): Promise<RunHead[]> {
  return new Promise(resolve => {
    list.changed.connect(() => {
      if (!list.loading) {
        const known = Array.from({ length: Math.min(list.total, 100) }, (_, at) => list.at(at));
        resolve(known.flatMap(head => head ?? []));
      }
    });
  });
}
