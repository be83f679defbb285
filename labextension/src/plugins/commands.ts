import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import { CommandToolbarButton } from '@jupyterlab/ui-components';

import { pipelineIcon, runIcon } from '../components/icons';
import { IPipeline, IRuns, type IPipeline as Model } from '../tokens';
import { translation } from './translation';
import { describedBy, named, opened, saying } from './runcommands';

/** What can be done with the current notebook's pipeline, as commands. */
export const CommandIDs = {
  run: 'mlops:run-pipeline',
  cancel: 'mlops:cancel-run',
  resume: 'mlops:resume-run',
  show: 'mlops:show-pipeline',
  nextProblem: 'mlops:next-problem',
  previousProblem: 'mlops:previous-problem',
  go: 'mlops:go-to-step',
  upto: 'mlops:run-to-step',
  only: 'mlops:run-only-step',
  refresh: 'mlops:refresh-step'
} as const;

export const PANEL = 'mlops-lab-pipeline';

/** Commands, for the palette, the menu, shortcuts and the notebook's toolbar. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:commands',
  description: 'Commands that run and explain the current notebook as a pipeline.',
  autoStart: true,
  requires: [IPipeline, IRuns],
  optional: [ITranslator, ICommandPalette, IToolbarWidgetRegistry],
  activate: (
    app: JupyterFrontEnd,
    pipeline: Model,
    runs: IRuns,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    toolbars: IToolbarWidgetRegistry | null
  ) => {
    const trans = translation(translator);
    addActs(app, pipeline, runs, trans);
    addPlaces(app, pipeline, trans);
    addSteps(app, pipeline, trans);
    const category = trans.__('Pipeline');
    Object.values(CommandIDs).forEach(command => palette?.addItem({ command, category }));
    // In its schema the label would stay English.
    toolbars?.addFactory('Notebook', 'mlops-run', () => {
      const { commands } = app;
      return new CommandToolbarButton({ commands, id: CommandIDs.run, label: trans.__('Run as pipeline') });
    });
    pipeline.changed.connect(() => app.commands.notifyCommandChanged());
  }
};

/** What changes something: run, cancel, go on. */
function addActs(
  app: JupyterFrontEnd,
  pipeline: Model,
  runs: IRuns,
  trans: TranslationBundle
): void {
  const { commands } = app;
  const running = (): boolean => pipeline.run?.head.status === 'running';
  const idle = (): boolean => pipeline.panel !== null && !running() && !pipeline.busy;
  commands.addCommand(CommandIDs.run, {
    label: trans.__('Run as Pipeline'),
    caption: trans.__('Run the notebook as a pipeline'),
    icon: args => (args.isMenu ? runIcon : pipelineIcon),
    isEnabled: idle,
    execute: async () => {
      // Where it was asked for away from the panel, that is where to see what comes of it.
      await commands.execute(CommandIDs.show);
      return pipeline.start();
    }
  });
  commands.addCommand(CommandIDs.cancel, {
    label: trans.__('Cancel Run'),
    describedBy,
    isEnabled: args => 'run_id' in args || running(),
    execute: async args => {
      const run = 'run_id' in args ? named(args, pipeline) : null;
      await (run
        ? saying(trans.__('The run can’t be cancelled'), () => runs.cancel(run.path, run.run_id))
        : pipeline.cancel());
    }
  });
  commands.addCommand(CommandIDs.resume, {
    label: trans.__('Resume Run'),
    caption: trans.__('Go on with the last run from its finished steps'),
    describedBy,
    isEnabled: args =>
      'run_id' in args ||
      (idle() && ['failed', 'cancelled', 'interrupted'].includes(pipeline.run?.head.status ?? '')),
    execute: async args => {
      const run = 'run_id' in args ? named(args, pipeline) : null;
      if (!run) {
        return pipeline.resume();
      }
      const title = trans.__('The run can’t go on');
      const id = await saying(title, () => runs.resume(run.path, run.run_id));
      return id === null ? null : opened(commands, run.path, id);
    }
  });
}

/** What concerns the chosen step, in its menu. */
function addSteps(app: JupyterFrontEnd, pipeline: Model, trans: TranslationBundle): void {
  const { commands } = app;
  const chosen = (): string => pipeline.selected ?? '';
  const idle = (): boolean =>
    pipeline.selected !== null && pipeline.run?.head.status !== 'running' && !pipeline.busy;
  commands.addCommand(CommandIDs.go, {
    label: trans.__('Go to Cell'),
    isEnabled: () => pipeline.selected !== null,
    execute: () => pipeline.reveal(chosen())
  });
  commands.addCommand(CommandIDs.upto, {
    label: () => trans.__('Run up to “%1”', chosen()),
    isEnabled: idle,
    execute: () => pipeline.start({ upto: chosen() })
  });
  commands.addCommand(CommandIDs.only, {
    label: () => trans.__('Run only “%1”', chosen()),
    isEnabled: idle,
    execute: () => pipeline.start({ only: chosen() })
  });
  commands.addCommand(CommandIDs.refresh, {
    label: () => trans.__('Run “%1” again, cached or not', chosen()),
    isEnabled: idle,
    execute: () => pipeline.start({ refresh: [chosen()] })
  });
}

/** What leads somewhere: the panel, the next problem. */
function addPlaces(app: JupyterFrontEnd, pipeline: Model, trans: TranslationBundle): void {
  const { commands } = app;
  commands.addCommand(CommandIDs.show, {
    label: trans.__('Show Pipeline'),
    icon: pipelineIcon,
    execute: () => app.shell.activateById(PANEL)
  });
  const go = (direction: 1 | -1): void => {
    const cell = nextProblem(pipeline, direction);
    if (cell !== null) {
      pipeline.reveal(cell);
    }
  };
  const isEnabled = (): boolean => Boolean(pipeline.compiled?.problems.length);
  commands.addCommand(CommandIDs.nextProblem, {
    label: trans.__('Next Problem'),
    isEnabled,
    execute: () => go(1)
  });
  commands.addCommand(CommandIDs.previousProblem, {
    label: trans.__('Previous Problem'),
    isEnabled,
    execute: () => go(-1)
  });
}

/** The cell, counted from 1, of the next problem in that direction; it begins again at the end. */
function nextProblem(pipeline: Model, direction: 1 | -1): number | null {
  const found = pipeline.compiled?.problems.flatMap(({ cell }) => cell ?? []) ?? [];
  const cells = [...new Set(found)].sort((a, b) => (a - b) * direction);
  const here = (pipeline.panel?.content.activeCellIndex ?? -1) + 1;
  return cells.find(cell => (cell - here) * direction > 0) ?? cells[0] ?? null;
}
