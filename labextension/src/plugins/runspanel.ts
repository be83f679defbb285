import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { runsIcon } from '../components/icons';
import { RunsPanelModel } from '../models/runspanel';
import { RunsPanel } from '../panels/runs';
import { IPipeline, IRuns } from '../tokens';
import { translation } from './translation';

/** The Runs panel in the side bar. */
export const runsPanel: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:runs-panel',
  description: 'The Runs panel: all runs, live, to be searched, opened and compared.',
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
    const panel = new RunsPanel(new RunsPanelModel(runs, pipeline), runs, commands, trans);
    panel.id = 'mlops-lab-runs';
    panel.title.icon = runsIcon;
    shell.add(panel, 'left', { rank: 551, type: 'Runs' });
    restorer?.add(panel, panel.id);
    const command = 'mlops:show-runs';
    commands.addCommand(command, {
      label: trans.__('Show Runs'),
      icon: runsIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => shell.activateById(panel.id)
    });
    palette?.addItem({ command, category: trans.__('Pipeline') });
  }
};
