import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';

import type { IPipeline, IRuns } from '../tokens';

/** The Pipeline panel: asleep while it is hidden. */
export class PipelinePanel extends ReactWidget {
  constructor(
    private readonly pipeline: IPipeline,
    readonly runs: IRuns,
    readonly registry: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = 'mlops-lab-pipeline';
    this.addClass('jp-MlopsPanel');
    this.title.caption = trans.__('Pipeline');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Pipeline'));
  }

  protected override onAfterShow(): void {
    this.watching ??= this.pipeline.watch();
    this.update();
  }

  protected override onAfterHide(): void {
    this.watching?.dispose();
    this.watching = null;
    this.update();
  }

  protected override render(): React.ReactElement | null {
    return this.isVisible ? <h2>{this.trans.__('Pipeline')}</h2> : null;
  }

  private watching: IDisposable | null = null;
}
