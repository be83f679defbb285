import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import type { ReactElement } from 'react';

import type { IPipeline, IRuns } from '../tokens';
import { PipelineView } from './pipelineview';

/** The Pipeline panel: asleep while it is hidden. */
export class PipelinePanel extends ReactWidget {
  constructor(
    private readonly pipeline: IPipeline,
    private readonly runs: IRuns,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsPanel');
    this.title.caption = trans.__('Pipeline');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Pipeline'));
  }

  override dispose(): void {
    this.sleep();
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
    this.sleep();
    this.update();
  }

  protected override render(): ReactElement | null {
    if (!this.isVisible) {
      return null;
    }
    const { pipeline, runs, commands, trans } = this;
    return <PipelineView pipeline={pipeline} runs={runs} commands={commands} trans={trans} />;
  }

  private wake(): void {
    this.watching ??= this.pipeline.watch();
    this.update();
  }

  private sleep(): void {
    this.watching?.dispose();
    this.watching = null;
  }

  private watching: IDisposable | null = null;
}
