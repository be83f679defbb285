import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { RunsPanelModel } from '../models/runspanel';
import type { IRuns } from '../tokens';
import { RunsView } from './runsview';

/** The Runs panel: asleep while it is hidden. */
export class RunsPanel extends ReactWidget {
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

  override dispose(): void {
    this.model.sleep();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.wake();
  }

  protected override onAfterAttach(message: Parameters<ReactWidget['onAfterAttach']>[0]): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.wake();
    }
  }

  protected override onAfterHide(): void {
    this.model.sleep();
    this.update();
  }

  protected override render(): ReactElement | null {
    if (!this.isVisible) {
      return null;
    }
    const { model, runs, commands, trans } = this;
    return <RunsView model={model} runs={runs} commands={commands} trans={trans} />;
  }

  private wake(): void {
    this.model.wake();
    this.update();
  }
}
