import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { Endings } from '../models/endings';
import { stopOf } from '../models/failure';
import { took } from '../models/words';
import { IPipeline, IRuns, type RunHead } from '../tokens';
import { translation } from './translation';

/** Milliseconds that a toast of a run that went well stays; one of a failure stays longer. */
const SHORT = 8000;
const LONG = 30_000;

/** A toast when a run ends, with a way to where it failed. */
export const toasts: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:toasts',
  description: 'A toast when a run ends.',
  autoStart: true,
  requires: [IRuns, IPipeline],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    pipeline: IPipeline,
    translator: ITranslator | null
  ) => {
    const trans = translation(translator);
    hear(runs, pipeline);
    const endings = new Endings(runs, localStorage, () => document.hidden);
    endings.ended.connect((_, head) => toast(app, runs, pipeline, head, trans));
  }
};

/** Hear of the runs of the notebook that is worked at, whatever panel is shown; and of those that go on. */
function hear(runs: IRuns, pipeline: IPipeline): void {
  let path: string | null = null;
  const held = new Map<string, IDisposable>();
  const look = (): void => {
    if (pipeline.path !== null && pipeline.path !== path) {
      path = pipeline.path;
      held.get(path)?.dispose();
      held.set(path, runs.watch(path));
    }
    for (const [one, hold] of held) {
      if (one !== path && !runs.running.length) {
        held.delete(one);
        hold.dispose();
      }
    }
  };
  pipeline.changed.connect(look);
  runs.ended.connect(look);
  look();
}

function toast(
  app: JupyterFrontEnd,
  runs: IRuns,
  pipeline: IPipeline,
  head: RunHead,
  trans: TranslationBundle
): void {
  const path = head.path ?? pipeline.path ?? '';
  const { commands } = app;
  const open = {
    label: trans.__('Open run'),
    callback: () => void commands.execute('mlops:open-run', { path, run_id: head.run_id })
  };
  const seconds = took(head.seconds ?? 0, trans);
  switch (head.status) {
    case 'succeeded':
      Notification.success(trans.__('%1 done in %2', head.name, seconds), {
        autoClose: SHORT,
        actions: [open]
      });
      return;
    case 'cancelled':
      Notification.info(trans.__('%1 cancelled after %2', head.name, seconds), {
        autoClose: SHORT,
        actions: [open]
      });
      return;
    default:
      Notification.error(
        head.step
          ? trans.__('%1 failed in %2', head.name, head.step)
          : trans.__('%1 failed', head.name),
        { autoClose: LONG, actions: head.cell === null ? [open] : [goto(), open] }
      );
  }

  function goto() {
    return {
      label: trans.__('Go to cell'),
      callback: () => {
        void runs.load(path, head.run_id).then(view => {
          const cell = stopOf(view)?.cell ?? head.cell;
          const id = cell === null ? null : (view.ids[cell] ?? null);
          return commands.execute('mlops:go-to-cell', { path, cell, id });
        });
      }
    };
  }
}
