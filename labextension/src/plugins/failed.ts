import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { type ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';

import { Refused } from '../api/request';
import { RunsApi } from '../api/runs';
import { consolePath, type RunPlace, runOfConsole } from '../models/console';
import { took } from '../models/words';
import { IPipeline, IRuns } from '../tokens';
import { translation } from './translation';
import { describedBy, named } from './runcommands';
import { stepOf } from './stepmeant';

export const CONSOLE = 'mlops:open-failed-console';

/** Milliseconds that the word about a kernel that is gone stays. */
const SHORT = 5000;

interface Parts {
  app: JupyterFrontEnd;
  api: RunsApi;
  runs: IRuns;
  pipeline: IPipeline;
  consoles: IConsoleTracker;
  /** Consoles that go without their kernel. */
  spared: WeakSet<ConsolePanel>;
  trans: TranslationBundle;
}

/** A console on the kernel of a failed step; closing it lets the kernel go. */
export const failed: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:failed',
  description: 'A console on the kernel of the step that failed, with its live variables.',
  autoStart: true,
  requires: [IPipeline, IRuns, IConsoleTracker],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    pipeline: IPipeline,
    runs: IRuns,
    consoles: IConsoleTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = translation(translator);
    const api = new RunsApi(app.serviceManager.serverSettings);
    const spared = new WeakSet<ConsolePanel>();
    const parts: Parts = { app, api, runs, pipeline, consoles, spared, trans };
    addConsole(parts);
    consoles.forEach(panel => attend(panel, parts));
    consoles.widgetAdded.connect((_, panel) => attend(panel, parts));
    palette?.addItem({ command: CONSOLE, category: trans.__('Pipeline') });
  }
};

function addConsole(parts: Parts): void {
  const { app, api, runs, pipeline, consoles, spared, trans } = parts;
  const { commands, shell } = app;
  const failedAt = (): string | undefined =>
    pipeline.run?.head.status === 'failed'
      ? pipeline.run.steps.find(({ status }) => status === 'failed')?.name
      : undefined;
  commands.addCommand(CONSOLE, {
    label: trans.__('Open Console Here'),
    caption: trans.__('Look at the variables of the step that failed, in its own kernel'),
    describedBy,
    isEnabled: args => 'run_id' in args || failedAt() !== undefined,
    // In the menu of a step it is about that step.
    isVisible: args => !(args.chip || args.row) || stepOf(args, app, pipeline) === failedAt(),
    execute: async args => {
      const run = named(args, pipeline);
      if (!run) {
        return null;
      }
      const path = consolePath(run);
      const known = consoles.find(({ sessionContext }) => sessionContext.path === path);
      if (known && isLive(known)) {
        shell.activateById(known.id);
        return known;
      }
      // The server has been started anew since: the kernel is there, the way to it is not.
      if (known) {
        spared.add(known);
        known.dispose();
      }
      try {
        const { kernel_id: id } = await api.console(run.path, run.run_id);
        // Else JupyterLab joins a session that the server knew before it was started anew.
        await app.serviceManager.sessions.refreshRunning();
        const { head } = runs.run(run.run_id) ?? (await runs.load(run.path, run.run_id));
        const name = trans.__('%1 (failed)', head.name);
        return await commands.execute('console:create', { path, name, kernelPreference: { id } });
      } catch (error) {
        explain(error, pipeline, trans);
        return null;
      }
    }
  });
}

/** Whether a console can be talked to. */
function isLive({ sessionContext: { session } }: ConsolePanel): boolean {
  return session?.kernel != null && !['dead', 'unknown'].includes(session.kernel.status);
}

/** Say why there is no console, and offer to keep the kernel the next time. */
function explain(error: unknown, pipeline: IPipeline, trans: TranslationBundle): void {
  const message = error instanceof Error ? error.message : String(error);
  const none = error instanceof Refused && error.status === 400;
  const keeps = pipeline.options.keep_failed !== undefined;
  Notification.warning(none ? trans.__('The failed step’s kernel is not there any more, or was not kept.') : message, {
    autoClose: false,
    actions:
      none && pipeline.panel && !keeps
        ? [
            {
              label: trans.__('Keep it next time'),
              caption: trans.__('Let the kernel of a failed step stay for 30 minutes'),
              callback: () => pipeline.want({ keep_failed: KEEP })
            }
          ]
        : []
  });
}

/** How long a failed step's kernel stays where she asks for it. */
export const KEEP = '30m';

/** See to it that a console at a failed step is on its kernel, and lets it go when it is closed. */
function attend(panel: ConsolePanel, parts: Parts): void {
  const { api, spared, trans } = parts;
  const { sessionContext } = panel;
  const run = runOfConsole(sessionContext.path);
  if (!run) {
    return;
  }
  panel.disposed.connect(() => {
    if (!spared.has(panel)) {
      void letGo(run, parts);
    }
  });
  const gone = (error: unknown): boolean => {
    if (panel.isDisposed) {
      return false;
    }
    const isGone = error instanceof Refused && [400, 404].includes(error.status);
    if (isGone) {
      spared.add(panel);
      Notification.info(trans.__('The failed step’s kernel is gone.'), { autoClose: SHORT });
    } else {
      const message = error instanceof Error ? error.message : String(error);
      const words = trans.__('The console isn’t on the failed step’s kernel: %1', message);
      Notification.error(words, { autoClose: false });
    }
    return isGone;
  };
  // Of a kernel that she shut down it is told that it ends, before its session goes; in between it
  // may still say that it is busy.
  let hers = false;
  sessionContext.statusChanged.connect((_, status) => {
    hers ||= status === 'terminating';
  });
  // A server that was started anew knows the session no more; the kernel is still there.
  sessionContext.sessionChanged.connect((_, { newValue }) => {
    if (newValue) {
      hers = false;
    } else if (!hers && !sessionContext.isDisposed) {
      void join(panel, run, api).catch(gone);
    }
  });
  void sessionContext.ready
    .then(() => join(panel, run, api))
    .catch(async (error: unknown) => {
      if (gone(error)) {
        await sessionContext.shutdown();
        panel.dispose();
      }
    });
}

/** Have a console on the kernel of its run's failed step, unless it is. */
async function join({ sessionContext }: ConsolePanel, run: RunPlace, api: RunsApi): Promise<void> {
  const { kernel_id: id } = await api.console(run.path, run.run_id);
  // After a restart of the server JupyterLab takes any kernel for such a console.
  if (!sessionContext.isDisposed && sessionContext.session?.kernel?.id !== id) {
    await sessionContext.changeKernel({ id });
  }
}

async function letGo(run: RunPlace, { api, runs, trans }: Parts): Promise<void> {
  try {
    const { seconds } = await api.release(run.path, run.run_id);
    const words = trans.__('The failed step’s kernel is gone; it would have stayed %1 more.', took(seconds, trans));
    Notification.info(words, { autoClose: SHORT });
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    // It has gone by itself: there is nothing to say.
  }
  if (runs.run(run.run_id)) {
    await runs.load(run.path, run.run_id);
  }
}
