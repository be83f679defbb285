import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { PipelineApi } from '../api/pipeline';
import { explainIcon } from '../components/icons';
import { ExplainPage } from '../models/explainpage';
import type { ExplainWidget } from '../panels/explain';
import { IPipeline, IRuns } from '../tokens';
import { translation } from './translation';

/** The page that explains a plan; there again after a reload. */
export const explainPage: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:explain-page',
  description: 'What would run of a notebook, and why, before anything does.',
  autoStart: true,
  requires: [IPipeline, IRuns],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    pipeline: IPipeline,
    runs: IRuns,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = translation(translator);
    const { commands, shell, serviceManager } = app;
    const tracker = new WidgetTracker<MainAreaWidget<ExplainWidget>>({
      namespace: 'mlops-lab-explain'
    });
    const command = 'mlops:explain-pipeline';
    commands.addCommand(command, {
      label: trans.__('Explain Pipeline'),
      caption: trans.__('Say what would run, and why'),
      icon: explainIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'A notebook; the current one if left out' }
          }
        }
      },
      isEnabled: args => 'path' in args || pipeline.path !== null,
      execute: async args => {
        const path = typeof args.path === 'string' ? args.path : pipeline.path;
        if (path === null) {
          return null;
        }
        const known = tracker.find(({ content: { model } }) => model.path === path);
        const widget = known ?? (await made(path));
        // Asked for again: what is shown may be of long ago.
        if (known) {
          void known.content.model.look();
        }
        shell.activateById(widget.id);
        return widget;
      }
    });
    void restorer?.restore(tracker, {
      command,
      args: ({ content: { model } }) => ({ path: model.path }),
      name: ({ content: { model } }) => model.path
    });

    async function made(path: string): Promise<MainAreaWidget<ExplainWidget>> {
      // Loaded when the first page is opened.
      const { ExplainWidget } = await import('../panels/explain');
      const api = new PipelineApi(serviceManager.serverSettings);
      const model = new ExplainPage(pipeline, runs, api, path);
      const content = new ExplainWidget(model, pipeline, commands, trans);
      const widget = new MainAreaWidget({ content });
      widget.id = `mlops-lab-explain-${path}`;
      widget.title.icon = explainIcon;
      widget.toolbar.hide();
      shell.add(widget, 'main', { type: 'Plan' });
      void tracker.add(widget);
      return widget;
    }
  }
};
