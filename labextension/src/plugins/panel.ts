import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import { pipelineIcon } from '../components/icons';
import { PipelinePanel } from '../panels/pipeline';
import { IPipeline, IRuns } from '../tokens';
import { PANEL } from './commands';
import { translation } from './translation';

/** The Pipeline panel in the side bar. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:panel',
  description: 'The Pipeline panel: the steps of the current notebook, and how to run them.',
  autoStart: true,
  requires: [IPipeline, IRuns],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    pipeline: IPipeline,
    runs: IRuns,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = translation(translator);
    const widget = new PipelinePanel(pipeline, runs, app.commands, trans);
    widget.id = PANEL;
    widget.title.icon = pipelineIcon;
    app.shell.add(widget, 'left', { rank: 550, type: 'Pipeline' });
    restorer?.add(widget, widget.id);
  }
};
