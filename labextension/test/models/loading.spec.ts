import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import { KernelGone, loadInputs } from '../../src/models/loading';

/** As much of a kernel as is asked for something. */
class Asked {
  status: Kernel.Status = 'idle';
  isDisposed = false;
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly disposed = new Signal<this, void>(this);
  answer: (content: object) => void = () => undefined;
  future = { onIOPub: (): void => undefined, done: new Promise(done => (this.answer = content => done({ content }))) };

  requestExecute(): object {
    return this.future;
  }

  becomes(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }
}

const ask = (kernel: Asked, began?: () => void) => loadInputs(kernel as unknown as Kernel.IKernelConnection, 'train', began);

describe('what a step read', () => {
  it('comes with names and types, and it is told when the kernel gets to it', async () => {
    const kernel = new Asked();
    const told: string[] = [];
    const loaded = ask(kernel, () => told.push('began'));
    kernel.future.onIOPub();
    kernel.becomes('busy');
    kernel.answer({ status: 'ok', user_expressions: { loaded: { status: 'ok', data: { 'application/json': { x: 'int' } } } } });
    expect(await loaded).toEqual({ x: 'int' });
    expect(told).toEqual(['began']);
  });

  it('does not come, and the kernel says why', async () => {
    const kernel = new Asked();
    const loaded = ask(kernel);
    kernel.answer({ status: 'ok', user_expressions: { loaded: { status: 'error', evalue: 'step train never ran' } } });
    await expect(loaded).rejects.toThrow('step train never ran');
  });

  it.each<Kernel.Status>(['dead', 'autorestarting', 'restarting'])('does not come from a kernel that is %s', async status => {
    const kernel = new Asked();
    const loaded = ask(kernel);
    kernel.becomes(status);
    await expect(loaded).rejects.toBeInstanceOf(KernelGone);
  });

  it('is not asked of a dead kernel', async () => {
    const kernel = new Asked();
    kernel.status = 'dead';
    await expect(ask(kernel)).rejects.toBeInstanceOf(KernelGone);
  });
});
