import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { RunPage } from '../models/runpage';
import { shortId } from '../models/runwords';
import type { IRuns } from '../tokens';
import { RunPageView } from './runview';

/** The page of one run; asleep while it is hidden. */
export class RunWidget extends ReactWidget {
  constructor(
    readonly model: RunPage,
    private readonly runs: IRuns,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = `mlops-lab-run-${model.id}`;
    this.addClass('jp-MlopsPage');
    this.title.label = trans.__('Run %1', shortId(model.id));
    this.title.closable = true;
    model.changed.connect(this.name, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      super.dispose();
    }
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
    return <RunPageView model={model} runs={runs} commands={commands} trans={trans} />;
  }

  private wake(): void {
    this.model.wake();
    this.update();
  }

  private name(): void {
    const head = this.model.view?.head;
    if (head) {
      this.title.caption = this.trans.__('Run %1 of %2', head.run_id, head.notebook);
    }
  }
}
