import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Runs } from '../models/runs';
import { IRuns } from '../tokens';

/** The store of runs that all surfaces read. */
export const runs: JupyterFrontEndPlugin<IRuns> = {
  id: 'mlops-lab:runs',
  description: 'Runs of pipelines, kept up to date wherever they were started.',
  autoStart: true,
  provides: IRuns,
  activate: (app: JupyterFrontEnd) => new Runs(app.serviceManager.serverSettings)
};
