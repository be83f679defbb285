import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

/** What is shown as long as it is seen: hidden, it draws nothing and asks the server for nothing. */
export abstract class AwakeWidget extends ReactWidget {
  /** Be up to date from here on. */
  protected abstract wake(): void;

  /** Leave the server alone. */
  protected abstract sleep(): void;

  /** What there is to see. */
  protected abstract draw(): ReactElement;

  override dispose(): void {
    if (!this.isDisposed) {
      this.sleep();
      super.dispose();
    }
  }

  protected override onAfterShow(): void {
    this.wake();
    this.update();
  }

  protected override onAfterAttach(message: Parameters<ReactWidget['onAfterAttach']>[0]): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.onAfterShow();
    }
  }

  protected override onAfterHide(): void {
    this.sleep();
    this.update();
  }

  protected override render(): ReactElement | null {
    return this.isVisible ? this.draw() : null;
  }
}
