import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { RunPage } from '../../src/models/runpage';
import { Runs } from '../../src/models/runs';
import { head, run } from '../cases';
import { Server } from '../server';

it('asks once for the runs before it that it couldn’t have when the server is heard', async () => {
  const server = new Server();
  const runs = new Runs(server.settings);
  const page = new RunPage(runs, null, nullTranslator.load('mlops_lab'), 'churn.ipynb', 'r1');
  page.wake();
  await (await server.next('GET runs/r1')).answer(run());
  await (await server.next('GET runs')).answer({ kind: 'BackendError', message: 'busy' }, 503);
  expect(page.error?.message).toBe('busy');
  server.sockets[0]?.onopen?.();
  await (await server.next('GET runs')).answer({ runs: [head()], total: 1 });
  expect([page.error, server.asked]).toEqual([null, []]);
  page.dispose();
});
