import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';

import { Kept } from '../models/kept';
import { DRIVE } from '../models/outputs';
import { Pipeline } from '../models/pipeline';
import { IPipeline, IRuns } from '../tokens';
import { translation } from './translation';

const ID = 'mlops-lab:pipeline';

/** The current notebook as a pipeline, for all surfaces. */
export const pipeline: JupyterFrontEndPlugin<IPipeline> = {
  id: ID,
  description: 'The current notebook as a pipeline.',
  autoStart: true,
  provides: IPipeline,
  requires: [INotebookTracker, IRuns],
  optional: [ITranslator, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    runs: IRuns,
    translator: ITranslator | null,
    state: IStateDB | null
  ) => {
    const trans = translation(translator);
    const model = new Pipeline(
      app.serviceManager.serverSettings,
      runs,
      trans,
      panel => app.shell.activateById(panel.id),
      new Kept(state, ID, app.serviceManager.contents.fileChanged)
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
