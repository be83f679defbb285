import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { ExplainPage } from '../models/explainpage';
import type { IPipeline } from '../tokens';
import { AwakeWidget } from './awake';
import { ExplainView } from './explainview';

/** The page that says what would run of a notebook, and why; asleep while it is hidden. */
export class ExplainWidget extends AwakeWidget {
  constructor(
    readonly model: ExplainPage,
    private readonly pipeline: IPipeline,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsPage');
    this.title.label = trans.__('Plan of %1', PathExt.basename(model.path, '.ipynb'));
    this.title.caption = model.path;
    this.title.closable = true;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this.model.dispose();
    }
  }

  protected override draw(): ReactElement {
    const { model, pipeline, commands, trans } = this;
    return <ExplainView model={model} pipeline={pipeline} commands={commands} trans={trans} />;
  }

  protected override wake(): void {
    this.model.wake();
  }

  protected override sleep(): void {
    this.model.sleep();
  }
}
