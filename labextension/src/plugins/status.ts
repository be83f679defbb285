import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { StatusItem } from '../panels/status';
import { IRuns } from '../tokens';
import { translation } from './translation';

/** Runs in progress, in the status bar. */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:status',
  description: 'Runs in progress, in the status bar.',
  autoStart: true,
  requires: [IRuns],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!bar) {
      return;
    }
    const item = new StatusItem(runs, app.commands, translation(translator));
    const moved = new Signal<object, void>(item);
    runs.moved.connect(() => moved.emit());
    bar.registerStatusItem('mlops-lab:status', {
      item,
      align: 'left',
      rank: 50,
      isActive: () => runs.running.length > 0,
      activeStateChanged: moved
    });
  }
};
