import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';

import { PipelineApi } from '../api/pipeline';
import { ProposalBar } from '../cells/bar';
import { Editing } from '../cells/editing';
import { apply, replaced } from '../cells/edits';
import { tagIcon } from '../cells/icons';
import { Marking, type When } from '../cells/marking';
import { saidBy } from '../cells/said';
import { Proposals } from '../cells/suggestion';
import { IPipeline, type IPipeline as Model, type Problem } from '../tokens';
import { translation } from './translation';

const ID = 'mlops-lab:cells';

export const CellCommands = {
  edit: 'mlops:edit-step',
  suggest: 'mlops:suggest-steps'
} as const;

/** Chips, the step editor, problems and suggestions at the cells of notebooks. */
export const cells: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'What each cell is in the pipeline, shown and edited at the cell.',
  autoStart: true,
  requires: [IPipeline, INotebookTracker],
  optional: [ISettingRegistry, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    pipeline: Model,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = translation(translator);
    const proposals = new Proposals(new PipelineApi(app.serviceManager.serverSettings));
    const editing = new Editing(pipeline, trans);
    const marked = new Set<Marking>();
    let when: When = 'auto';
    const acts = {
      edit: (panel: NotebookPanel, cell: number) => editing.open(panel, [cell]),
      fix: mend
    };
    tracker.forEach(mark);
    tracker.widgetAdded.connect((_, panel) => mark(panel));
    function mark(panel: NotebookPanel): void {
      const marking = new Marking(panel, pipeline, proposals, acts, trans, when);
      marked.add(marking);
      panel.disposed.connect(() => marked.delete(marking));
    }
    void registry?.load(ID).then(settings => {
      const read = (): void => {
        when = settings.get('chips').composite as When;
        marked.forEach(marking => (marking.when = when));
      };
      settings.changed.connect(read);
      read();
    });
    addEdit(app, pipeline, tracker, editing, trans);
    addSuggest(app, tracker, proposals, trans);
    const category = trans.__('Pipeline');
    Object.values(CellCommands).forEach(command => palette?.addItem({ command, category }));
  }
};

/** Take the way out that a problem names, as one edit. */
function mend(panel: NotebookPanel, { fix }: Problem): void {
  if (fix) {
    const { model } = panel.context;
    apply(model, replaced(saidBy(model), fix.cell - 1, fix.old, fix.new));
  }
}

function addEdit(
  app: JupyterFrontEnd,
  pipeline: Model,
  tracker: INotebookTracker,
  editing: Editing,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CellCommands.edit, {
    label: args => (args.toolbar ? '' : trans.__('Edit Step…')),
    caption: trans.__('Make the selected cells a step, or say what the step needs'),
    icon: tagIcon,
    isEnabled: () => tracker.currentWidget !== null,
    execute: args => {
      const panel = tracker.currentWidget;
      if (!panel) {
        return;
      }
      // From a step's menu: the step that is chosen.
      const step = args.chosen ? pipeline.selected : args.step;
      if (typeof step === 'string') {
        pipeline.reveal(step);
        editing.open(panel, cellsOf(pipeline, step));
      } else {
        editing.open(panel, selected(panel));
      }
    }
  });
}

/** The step's first cell, which stands for all of it. */
function cellsOf(pipeline: Model, step: string): number[] {
  const found = pipeline.compiled?.pipeline?.steps.find(({ name }) => name === step);
  return found?.cells.slice(0, 1).map(cell => cell - 1) ?? [];
}

function selected({ content }: NotebookPanel): number[] {
  return content.widgets.flatMap((cell, at) => (content.isSelectedOrActive(cell) ? [at] : []));
}

function addSuggest(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  proposals: Proposals,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CellCommands.suggest, {
    label: trans.__('Suggest Steps'),
    caption: trans.__('Propose steps from the headings and from what flows between cells'),
    isEnabled: () => tracker.currentWidget !== null,
    execute: async () => {
      const panel = tracker.currentWidget;
      if (!panel) {
        return;
      }
      const shows = proposals.of(panel) !== null;
      if (!(await proposals.ask(panel))) {
        const message = trans.__('There is nothing to suggest: each cell says already what it is.');
        Notification.info(message, { autoClose: 5000 });
      } else if (!shows) {
        panel.contentHeader.addWidget(new ProposalBar(panel, proposals, trans));
      }
    }
  });
}
