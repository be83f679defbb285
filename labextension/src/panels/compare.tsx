import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { ComparePage } from '../models/comparepage';
import { shortId } from '../models/runwords';
import { CompareView } from './compareview';

/** The page that holds two runs side by side. */
export class CompareWidget extends ReactWidget {
  constructor(
    readonly model: ComparePage,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsPage');
    this.title.closable = true;
    model.changed.connect(this.name, this);
    this.name();
    void model.load();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(): void {
    this.update();
  }

  protected override render(): ReactElement {
    return <CompareView model={this.model} commands={this.commands} trans={this.trans} />;
  }

  private name(): void {
    const { a, b } = this.model;
    this.title.label = this.trans.__('%1 and %2', shortId(a), shortId(b));
    this.title.caption = this.trans.__('Compare %1 and %2', a, b);
  }
}
