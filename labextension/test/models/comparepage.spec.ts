import { expect, it } from 'vitest';

import { RunsApi } from '../../src/api/runs';
import { ComparePage } from '../../src/models/comparepage';
import { Runs } from '../../src/models/runs';
import { head, run } from '../cases';
import { aDiff } from '../runcases';
import { Server, settled } from '../server';

class Comparison {
  readonly server = new Server();
  readonly runs = new Runs(this.server.settings);
  readonly page = new ComparePage(this.runs, new RunsApi(this.server.settings), 'p', 'a', 'b');

  /** Answer the next question about two runs. */
  async answer(turned = false, status = 200): Promise<void> {
    for (const id of ['a', 'b']) {
      const view = run({ head: head({ run_id: id, status: 'succeeded' }) });
      await (await this.server.next(`GET runs/${id}`)).answer(view);
    }
    const diff = await this.server.next(`GET runs/${turned ? 'b' : 'a'}/diff/${turned ? 'a' : 'b'}`);
    const busy = { kind: 'BackendError', message: 'busy' };
    await diff.answer(status === 200 ? aDiff() : busy, status);
  }

  end(id: string): void {
    const { ended } = this.runs as unknown as { ended: { emit: (one: unknown) => void } };
    ended.emit(head({ run_id: id, status: 'failed' }));
  }
}

it('a page that nobody has seen asks for nothing, and asks once it is seen', async () => {
  const { page, server } = new Comparison();
  await settled();
  expect(server.asked).toHaveLength(0);
  page.wake();
  expect(page.pair).toBeNull();
  await server.next('GET runs/a');
});

it('a run that ends while nobody looks is asked about when the page is seen again', async () => {
  const comparison = new Comparison();
  const { page, server } = comparison;
  page.wake();
  await comparison.answer();
  expect(page.pair?.b.run_id).toBe('b');
  page.sleep();
  comparison.end('b');
  page.wake();
  await comparison.answer();
  page.sleep();
  page.wake();
  expect(server.asked).toHaveLength(0);
});

it('only the last question counts: an earlier one may fail after it, or be answered', async () => {
  const comparison = new Comparison();
  const { page, server } = comparison;
  page.wake();
  const late = await server.next('GET runs/a');
  for (const route of ['GET runs/b', 'GET runs/a/diff/b']) {
    await server.next(route);
  }
  page.swap();
  await comparison.answer(true);
  await late.answer({ kind: 'BackendError', message: 'busy' }, 503);
  expect([page.error, page.pair?.a.run_id]).toEqual([null, 'b']);
});

it('what couldn’t be had is asked for again when the page is seen again', async () => {
  const comparison = new Comparison();
  const { page } = comparison;
  page.wake();
  await comparison.answer(false, 503);
  expect(page.error?.message).toBe('busy');
  page.sleep();
  page.wake();
  await comparison.answer();
  expect([page.error, page.pair?.a.run_id]).toEqual([null, 'a']);
});
