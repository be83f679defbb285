import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DRIVE } from '../models/outputs';
import { Pipeline } from '../models/pipeline';
import { IPipeline, IRuns } from '../tokens';

export const DOMAIN = 'mlops_lab';

/** The current notebook as a pipeline, for all surfaces. */
export const pipeline: JupyterFrontEndPlugin<IPipeline> = {
  id: 'mlops-lab:pipeline',
  description: 'The current notebook as a pipeline.',
  autoStart: true,
  provides: IPipeline,
  requires: [INotebookTracker, IRuns],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    runs: IRuns,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const model = new Pipeline(app.serviceManager.serverSettings, runs, trans, panel =>
      app.shell.activateById(panel.id)
    );
    model.panel = tracker.currentWidget;
    tracker.currentChanged.connect((_, panel) => {
      // What a run has put out is no notebook to run: the one before stays.
      if (!panel?.context.path.startsWith(`${DRIVE}:`)) {
        model.panel = panel;
      }
    });
    return model;
  }
};
