import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { ComparePage } from '../models/comparepage';
import { shortId } from '../models/runwords';
import { AwakeWidget } from './awake';
import { CompareView } from './compareview';

/** The page that holds two runs side by side; it asks for nothing while it is hidden. */
export class CompareWidget extends AwakeWidget {
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
  }

  override dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this.model.dispose();
    }
  }

  /** What was chosen and unfolded in it stays while it is hidden. */
  protected override render(): ReactElement | null {
    this.seen ||= this.isVisible;
    return this.seen ? this.draw() : null;
  }

  protected override wake(): void {
    this.model.wake();
  }

  protected override sleep(): void {
    this.model.sleep();
  }

  protected override draw(): ReactElement {
    return <CompareView model={this.model} commands={this.commands} trans={this.trans} />;
  }

  private name(): void {
    const { a, b } = this.model;
    this.title.label = this.trans.__('%1 and %2', shortId(a), shortId(b));
    this.title.caption = this.trans.__('Compare %1 and %2', a, b);
  }

  private seen = false;
}
