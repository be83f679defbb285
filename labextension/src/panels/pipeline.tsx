import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import type { ReactElement } from 'react';

import type { IPipeline, IRuns } from '../tokens';
import { AwakeWidget } from './awake';
import { PipelineView } from './pipelineview';

/** The Pipeline panel: asleep while it is hidden. */
export class PipelinePanel extends AwakeWidget {
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

  protected override draw(): ReactElement {
    const { pipeline, runs, commands, trans } = this;
    return <PipelineView pipeline={pipeline} runs={runs} commands={commands} trans={trans} />;
  }

  protected override wake(): void {
    this.watching ??= this.pipeline.watch();
  }

  protected override sleep(): void {
    this.watching?.dispose();
    this.watching = null;
  }

  private watching: IDisposable | null = null;
}
