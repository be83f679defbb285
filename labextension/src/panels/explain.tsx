import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { ExplainPage } from '../models/explainpage';
import type { IPipeline } from '../tokens';
import { ExplainView } from './explainview';

/** The page that says what would run of a notebook, and why; asleep while it is hidden. */
export class ExplainWidget extends ReactWidget {
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
    const { model, pipeline, commands, trans } = this;
    return <ExplainView model={model} pipeline={pipeline} commands={commands} trans={trans} />;
  }

  private wake(): void {
    this.model.wake();
    this.update();
  }
}
