import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';

import { KernelGone, type Loaded, loadInputs } from '../models/loading';
import { IPipeline } from '../tokens';
import { translation } from './translation';
import { stepOf } from './stepmeant';

export const INPUTS = 'mlops:load-inputs';

/** Names that a toast tells one by one. */
const NAMES = 6;
const LONG = 15_000;

interface Parts {
  app: JupyterFrontEnd;
  pipeline: IPipeline;
  tracker: INotebookTracker;
  trans: TranslationBundle;
}

/** What a step read, in the open notebook's kernel. */
export const inputs: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:inputs',
  description: 'Brings what a step read into the open notebook’s kernel, to go on there.',
  autoStart: true,
  requires: [IPipeline, INotebookTracker],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    pipeline: IPipeline,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = translation(translator);
    addLoad({ app, pipeline, tracker, trans });
    palette?.addItem({ command: INPUTS, category: trans.__('Pipeline') });
  }
};

function addLoad(parts: Parts): void {
  const { app, pipeline, tracker, trans } = parts;
  app.commands.addCommand(INPUTS, {
    label: args => {
      const step = stepOf(args, app, pipeline);
      return step === null ? trans.__('Load Inputs of a Step') : trans.__('Load Inputs of “%1”', step);
    },
    caption: trans.__('Bring what the step read in its last run into this notebook’s kernel'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          step: { type: 'string', description: 'The step; the chosen one if left out' },
          chip: { type: 'boolean', description: 'The step whose chip the menu was opened at' }
        }
      }
    },
    isEnabled: args => tracker.currentWidget !== null && stepOf(args, app, pipeline) !== null,
    execute: async args => {
      const step = stepOf(args, app, pipeline);
      if (pipeline.panel && step !== null) {
        await load(step, parts);
      }
    }
  });
}

/** Load them, and say what was loaded or what went wrong. */
async function load(step: string, { pipeline, trans }: Parts): Promise<void> {
  const kernel = pipeline.panel?.sessionContext.session?.kernel;
  if (!kernel) {
    Notification.warning(trans.__('The notebook has no kernel; start one to load the inputs of “%1”.', step));
    return;
  }
  const loading = trans.__('Loading the inputs of “%1”…', step);
  const busy = trans.__('The inputs of “%1” are loaded once the kernel is done with what it runs.', step);
  const waits = kernel.status === 'busy';
  const id = Notification.emit(waits ? busy : loading, 'in-progress', { autoClose: false });
  const began = (): void => {
    if (waits) {
      Notification.update({ id, message: loading });
    }
  };
  try {
    const message = told(await loadInputs(kernel, step, began), step, trans);
    Notification.update({ id, message, type: 'success', autoClose: LONG });
  } catch (error) {
    Notification.update({ id, message: wrong(error, step, trans), type: 'error', autoClose: false });
  }
}

function wrong(error: unknown, step: string, trans: TranslationBundle): string {
  if (error instanceof KernelGone) {
    return trans.__('The kernel has died or was restarted; load the inputs of “%1” again when it is there.', step);
  }
  const message = error instanceof Error ? error.message : String(error);
  return message || trans.__('The kernel did not answer.');
}

function told(loaded: Loaded, step: string, trans: TranslationBundle): string {
  const names = Object.keys(loaded);
  if (!names.length) {
    return trans.__('“%1” reads nothing.', step);
  }
  const shown = names.slice(0, NAMES).join(', ');
  const more = names.length - NAMES;
  return more > 0
    ? trans._n('Loaded for “%2”: %3 and %1 more', 'Loaded for “%2”: %3 and %1 more', more, step, shown)
    : trans.__('Loaded for “%1”: %2', step, shown);
}
