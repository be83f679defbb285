import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IFrame, MainAreaWidget } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { launchIcon } from '@jupyterlab/ui-components';

import { shortId } from '../models/runwords';
import { IPipeline, IRuns } from '../tokens';
import { DOMAIN } from './pipeline';
import { describedBy, named, RunCommands, saying } from './runcommands';

/** The name under which jupyter-server-proxy knows MLflow. */
const SERVER = 'mlflow';

/** The page of a run in MLflow's own pages, as a tab, behind Jupyter's authentication. */
export const mlflow: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:mlflow',
  description: 'The page of a run in MLflow, as a tab, where jupyter-server-proxy serves it.',
  autoStart: true,
  requires: [IRuns, IPipeline],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    pipeline: IPipeline,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands, shell, serviceManager, restored } = app;
    const settings = serviceManager.serverSettings;
    let served = false;
    commands.addCommand(RunCommands.mlflow, {
      label: trans.__('Open in MLflow'),
      describedBy,
      isVisible: () => served,
      isEnabled: args => served && named(args, pipeline) !== null,
      execute: async args => {
        const run = named(args, pipeline);
        const view =
          run &&
          (runs.run(run.run_id) ??
            (await saying(trans.__('The run can’t be read'), () =>
              runs.load(run.path, run.run_id)
            )));
        const id = view?.head.mlflow_run_id;
        if (!run || !id) {
          return null;
        }
        const widget = framed(
          `${URLExt.join(settings.baseUrl, SERVER, '/')}#/runs/${encodeURIComponent(id)}`
        );
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
