import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { RunsApi } from '../api/runs';
import { compareIcon } from '../components/icons';
import { ComparePage } from '../models/comparepage';
import type { CompareWidget } from '../panels/compare';
import { IRuns } from '../tokens';
import { translation } from './translation';

/** The page of two runs side by side; there again after a reload. */
export const comparePage: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:compare-page',
  description: 'Two runs side by side: parameters, metrics, steps, and the code that changed.',
  autoStart: true,
  requires: [IRuns],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = translation(translator);
    const { commands, shell, serviceManager } = app;
    const tracker = new WidgetTracker<MainAreaWidget<CompareWidget>>({
      namespace: 'mlops-lab-compare'
    });
    const command = 'mlops:open-comparison';
    commands.addCommand(command, {
      label: trans.__('Open Comparison'),
      caption: trans.__('Show two runs side by side'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'A notebook or folder of the runs’ project' },
            a: { type: 'string', description: 'A run' },
            b: { type: 'string', description: 'The run that is compared with it' }
          },
          required: ['path', 'a', 'b']
        }
      },
      execute: async args => {
        const [path, a, b] = [String(args.path), String(args.a), String(args.b)];
        const same = tracker.find(({ content: { model } }) => model.a === a && model.b === b);
        const widget = same ?? (await made(path, a, b));
        shell.activateById(widget.id);
        return widget;
      }
    });
    void restorer?.restore(tracker, {
      command,
      args: ({ content: { model } }) => ({ path: model.path, a: model.a, b: model.b }),
      name: ({ content: { model } }) => `${model.a}-${model.b}`
    });

    async function made(
      path: string,
      a: string,
      b: string
    ): Promise<MainAreaWidget<CompareWidget>> {
      // Loaded when the first page is opened.
      const { CompareWidget } = await import('../panels/compare');
      const model = new ComparePage(runs, new RunsApi(serviceManager.serverSettings), path, a, b);
      const content = new CompareWidget(model, commands, trans);
      const widget = new MainAreaWidget({ content });
      widget.id = `mlops-lab-compare-${a}-${b}`;
      widget.title.icon = compareIcon;
      widget.toolbar.hide();
      shell.add(widget, 'main', { type: 'Comparison' });
      void tracker.add(widget);
      model.changed.connect(() => void tracker.save(widget));
      return widget;
    }
  }
};
