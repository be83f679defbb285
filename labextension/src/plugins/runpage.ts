import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { runsIcon } from '../components/icons';
import { RunPage } from '../models/runpage';
import type { RunWidget } from '../panels/run';
import { IPipeline, IRuns } from '../tokens';
import { translation } from './translation';
import { describedBy, named } from './runcommands';

/** The page of a run in the main area; there again after a reload. */
export const runPage: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:run-page',
  description: 'The page of a run: timeline, graph, output, metrics, and what broke.',
  autoStart: true,
  requires: [IRuns, IPipeline],
  optional: [ILayoutRestorer, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    pipeline: IPipeline,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = translation(translator);
    const { commands, shell } = app;
    const tracker = new WidgetTracker<MainAreaWidget<RunWidget>>({ namespace: 'mlops-lab-run' });
    const command = 'mlops:open-run';
    commands.addCommand(command, {
      label: trans.__('Open Run'),
      caption: trans.__('Show everything about a run'),
      describedBy,
      isEnabled: args => named(args, pipeline) !== null,
      execute: async args => {
        const run = named(args, pipeline);
        if (!run) {
          return null;
        }
        const known = tracker.find(({ content }) => content.model.id === run.run_id);
        const widget = known ?? (await made(run.path, run.run_id));
        shell.activateById(widget.id);
        return widget;
      }
    });
    palette?.addItem({ command, category: trans.__('Pipeline') });
    void restorer?.restore(tracker, {
      command,
      args: ({ content: { model } }) => ({ path: model.path, run_id: model.id }),
      name: ({ content: { model } }) => model.id
    });

    async function made(path: string, id: string): Promise<MainAreaWidget<RunWidget>> {
      // Loaded when the first page is opened.
      const { RunWidget } = await import('../panels/run');
      const model = new RunPage(runs, pipeline, trans, path, id);
      const content = new RunWidget(model, runs, commands, trans);
      const widget = new MainAreaWidget({ content });
      widget.id = content.id;
      content.id = `${content.id}-page`;
      widget.title.icon = runsIcon;
      widget.toolbar.hide();
      shell.add(widget, 'main', { type: 'Run' });
      void tracker.add(widget);
      return widget;
    }
  }
};
