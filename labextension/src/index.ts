import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cells } from './plugins/cells';
import { commands } from './plugins/commands';
import { comparePage } from './plugins/comparepage';
import { explainPage } from './plugins/explainpage';
import { failed } from './plugins/failed';
import { inputs } from './plugins/inputs';
import { language } from './plugins/language';
import { launcher } from './plugins/launcher';
import { mlflow } from './plugins/mlflow';
import { panel } from './plugins/panel';
import { pipeline } from './plugins/pipeline';
import { runCommands } from './plugins/runcommands';
import { runPage } from './plugins/runpage';
import { runs } from './plugins/runs';
import { runsPanel } from './plugins/runspanel';
import { status } from './plugins/status';
import { toasts } from './plugins/toasts';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  runs,
  pipeline,
  commands,
  cells,
  panel,
  runCommands,
  runsPanel,
  runPage,
  comparePage,
  explainPage,
  status,
  toasts,
  launcher,
  failed,
  inputs,
  mlflow,
  language
];

export default plugins;
