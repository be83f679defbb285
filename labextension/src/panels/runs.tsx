import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { RunsPanelModel } from '../models/runspanel';
import type { IRuns } from '../tokens';
import { AwakeWidget } from './awake';
import { RunsView } from './runsview';

/** The Runs panel: asleep while it is hidden. */
export class RunsPanel extends AwakeWidget {
  constructor(
    private readonly model: RunsPanelModel,
    private readonly runs: IRuns,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsPanel');
    this.addClass('jp-MlopsRuns');
    this.title.caption = trans.__('Runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Runs'));
  }

  protected override draw(): ReactElement {
    const { model, runs, commands, trans } = this;
    return <RunsView model={model} runs={runs} commands={commands} trans={trans} />;
  }

  protected override wake(): void {
    this.model.wake();
  }

  protected override sleep(): void {
    this.model.sleep();
  }
}
