import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { RunPage } from '../models/runpage';
import { shortId } from '../models/runwords';
import type { IRuns } from '../tokens';
import { AwakeWidget } from './awake';
import { RunPageView } from './runview';

/** The page of one run; asleep while it is hidden. */
export class RunWidget extends AwakeWidget {
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
      super.dispose();
      this.model.dispose();
    }
  }

  protected override draw(): ReactElement {
    const { model, runs, commands, trans } = this;
    return <RunPageView model={model} runs={runs} commands={commands} trans={trans} />;
  }

  protected override wake(): void {
    this.model.wake();
  }

  protected override sleep(): void {
    this.model.sleep();
  }

  private name(): void {
    const head = this.model.view?.head;
    if (head) {
      this.title.caption = this.trans.__('Run %1 of %2', head.run_id, head.notebook);
    }
  }
}
