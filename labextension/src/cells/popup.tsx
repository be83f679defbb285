import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type { ReactElement } from 'react';

const GAP = 8;

/** A box that floats over the page beside something, until it is closed. */
export class Popup extends ReactWidget {
  constructor(
    private readonly content: ReactElement,
    private readonly beside: () => DOMRect,
    label: string
  ) {
    super();
    this.addClass('jp-MlopsEditor');
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-modal', 'true');
    this.node.setAttribute('aria-label', label);
    // What is typed here is no shortcut of the notebook.
    this.node.setAttribute('data-lm-suppress-shortcuts', 'true');
    this.sizes = new ResizeObserver(() => this.place());
  }

  open(): void {
    Widget.attach(this, document.body);
    this.sizes.observe(this.node);
    window.addEventListener('resize', this.place);
  }

  override dispose(): void {
    this.sizes.disconnect();
    window.removeEventListener('resize', this.place);
    super.dispose();
  }

  protected override render(): ReactElement {
    return this.content;
  }

  /** Below, at the right end, as far as there is room. */
  private readonly place = (): void => {
    const { right, bottom } = this.beside();
    const { offsetWidth, offsetHeight } = this.node;
    const left = Math.min(right, window.innerWidth - GAP) - offsetWidth;
    const top = Math.min(bottom + 4, window.innerHeight - offsetHeight - GAP);
    this.node.style.left = `${Math.max(left, GAP)}px`;
    this.node.style.top = `${Math.max(top, GAP)}px`;
  };

  private readonly sizes: ResizeObserver;
}
