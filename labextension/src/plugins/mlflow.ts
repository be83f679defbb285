import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IFrame, MainAreaWidget } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator } from '@jupyterlab/translation';
import { launchIcon } from '@jupyterlab/ui-components';

import { shortId } from '../models/runwords';
import { IPipeline, IRuns } from '../tokens';
import { describedBy, type Named, named, RunCommands, saying } from './runcommands';
import { translation } from './translation';

/** The name under which jupyter-server-proxy knows MLflow. */
const SERVER = 'mlflow';

/**
 * The page of a run in MLflow's own pages: as a tab, behind Jupyter's authentication, or on the
 * server that tracks it, in a browser tab of its own.
 */
export const mlflow: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:mlflow',
  description:
    'The page of a run in MLflow, as a tab where jupyter-server-proxy serves it, else on its server.',
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
    const { commands, shell, serviceManager, restored } = app;
    const settings = serviceManager.serverSettings;
    const far = (run: Named | null): string | null =>
      (run && runs.run(run.run_id)?.tracked_at) ?? null;
    let served = false;
    commands.addCommand(RunCommands.mlflow, {
      label: trans.__('Open in MLflow'),
      describedBy,
      isVisible: args => served || far(named(args, pipeline)) !== null,
      isEnabled: args => {
        const run = named(args, pipeline);
        return run !== null && (served || far(run) !== null);
      },
      execute: async args => {
        const run = named(args, pipeline);
        const view =
          run &&
          (await saying(trans.__('The run can’t be read'), () => runs.load(run.path, run.run_id)));
        const id = view?.head.mlflow_run_id;
        if (!run || !id) {
          return null;
        }
        const elsewhere = pageAt(view.tracked_at, id);
        if (elsewhere !== null) {
          window.open(elsewhere, '_blank', 'noopener,noreferrer');
          return null;
        }
        const widget = framed(`${URLExt.join(settings.baseUrl, SERVER, '/')}${pageOf(id)}`);
        widget.title.label = trans.__('MLflow %1', shortId(run.run_id));
        shell.add(widget, 'main', { type: 'MLflow' });
        return widget;
      }
    });
    void restored.then(async () => {
      served = await isServed(settings);
      commands.notifyCommandChanged(RunCommands.mlflow);
    });
  }
};

/** A run's page below the address of MLflow's pages. */
function pageOf(id: string): string {
  return `#/runs/${encodeURIComponent(id)}`;
}

/** The page of a run on the server that tracks it; null where there is none to lead to. */
export function pageAt(address: string | null, id: string): string | null {
  try {
    // A path of the disk is no address. `URL.parse` is younger than many browsers.
    const url = new URL(address ?? '');
    return ['http:', 'https:'].includes(url.protocol) ? new URL(pageOf(id), url).href : null;
  } catch {
    return null;
  }
}

function framed(url: string): MainAreaWidget<IFrame> {
  const content = new IFrame({
    sandbox: [
      'allow-same-origin',
      'allow-scripts',
      'allow-forms',
      'allow-downloads',
      'allow-popups'
    ]
  });
  content.url = url;
  const widget = new MainAreaWidget({ content });
  widget.toolbar.hide();
  widget.title.closable = true;
  widget.title.icon = launchIcon;
  return widget;
}

/** Whether the server has MLflow's pages to show. */
async function isServed(settings: ServerConnection.ISettings): Promise<boolean> {
  try {
    const url = URLExt.join(settings.baseUrl, 'server-proxy', 'servers-info');
    const answer = await ServerConnection.makeRequest(url, {}, settings);
    const body = (await answer.json()) as { server_processes?: { name?: string }[] };
    return answer.ok && (body.server_processes ?? []).some(one => one.name === SERVER);
  } catch {
    // No jupyter-server-proxy, or no server: nothing to show.
    return false;
  }
}
