import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDefaultFileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator } from '@jupyterlab/translation';

import { pipelineIcon, runsIcon } from '../components/icons';
import { IPipeline } from '../tokens';
import { translation } from './translation';

/** Ways to pipelines from where work begins: the launcher, and the file browser's menu. */
export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:launcher',
  description: 'A card in the launcher, and "Run as Pipeline" in the file browser.',
  autoStart: true,
  requires: [IPipeline],
  optional: [ILauncher, IFileBrowserFactory, IDefaultFileBrowser, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    pipeline: IPipeline,
    launcher: ILauncher | null,
    browsers: IFileBrowserFactory | null,
    browser: IDefaultFileBrowser | null,
    translator: ITranslator | null
  ) => {
    const trans = translation(translator);
    const { commands } = app;
    const create = 'mlops:create-pipeline';
    commands.addCommand(create, {
      label: args =>
        args.isLauncher ? trans.__('Pipeline notebook') : trans.__('New Pipeline Notebook'),
      caption: trans.__('A new notebook beside the panel that runs it as a pipeline'),
      icon: pipelineIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: { cwd: { type: 'string', description: 'The folder of the new notebook' } }
        }
      },
      execute: async ({ cwd }) => {
        const folder = typeof cwd === 'string' ? cwd : (browser?.model.path ?? '');
        const made = await commands.execute('notebook:create-new', {
          cwd: folder,
          kernelName: 'python3'
        });
        await commands.execute('mlops:show-pipeline');
        return made;
      }
    });
    const category = trans.__('Pipelines');
    launcher?.add({ command: create, category, rank: 0 });
    launcher?.add({ command: 'mlops:show-runs', category, rank: 1 });
    if (browsers) {
      const item = () => browsers.tracker.currentWidget?.selectedItems().next().value;
      commands.addCommand('mlops:run-selected', {
        label: trans.__('Run as Pipeline'),
        caption: trans.__('Run the chosen notebook as saved, and show the run'),
        icon: runsIcon.bindprops({ stylesheet: 'menuItem' }),
        describedBy: { args: { type: 'object', properties: {} } },
        isVisible: () => item()?.type === 'notebook',
        execute: () =>
          commands.execute('mlops:run-notebook', { path: item()?.path ?? pipeline.path })
      });
    }
  }
};
