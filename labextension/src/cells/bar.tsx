import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import { Button } from '../components/button';
import type { Proposals } from './suggestion';

/** Above a notebook while a split is proposed: how many steps, and whether to take them. */
export class ProposalBar extends ReactWidget {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly proposals: Proposals,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsProposals');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Suggested steps'));
    proposals.changed.connect(this.onChanged, this);
  }

  protected override render(): ReactElement {
    const { panel, proposals, trans } = this;
    const steps = (proposals.of(panel) ?? []).filter(one => one.name).length;
    return (
      <>
        <span>{trans._n('%1 step suggested, from headings and what flows', '%1 steps suggested, from headings and what flows', steps)}</span>
        <span className="jp-MlopsMuted">{trans.__('Nothing is written yet: change a name, or leave one out.')}</span>
        <span className="jp-MlopsProposals-acts">
          <Button primary onClick={() => proposals.accept(panel)}>
            {trans.__('Accept')}
          </Button>
          <Button onClick={() => proposals.dismiss(panel)}>{trans.__('Dismiss')}</Button>
        </span>
      </>
    );
  }

  private onChanged(_: Proposals, panel: NotebookPanel): void {
    if (panel !== this.panel) {
      return;
    }
    if (this.proposals.of(panel)) {
      this.update();
    } else {
      this.dispose();
    }
  }
}
