import { expect, it } from 'vitest';

import { Endings } from '../../src/models/endings';
import { OutputDrive, outputPath } from '../../src/models/outputs';
import { Runs } from '../../src/models/runs';
import { head } from '../cases';
import { aHead } from '../runcases';
import { Server } from '../server';

it('of ten thousand runs only the page that is looked at is asked for', async () => {
  const server = new Server();
  const list = new Runs(server.settings).list({ path: 'churn.ipynb', notebook: true });
  const page = (from: number) => ({
    total: 10_000,
    runs: Array.from({ length: 100 }, (_, at) => aHead({ run_id: `${from + at}` }))
  });
  await (await server.next('GET runs')).answer(page(0));
  expect([list.total, list.at(99)?.run_id, list.at(100)]).toEqual([10_000, '99', undefined]);
  list.show(9_950, 9_968);
  const asked = await server.next('GET runs');
  expect(asked.query).toMatchObject({ offset: '9900', limit: '100', notebook: '1' });
  await asked.answer(page(9_900));
  expect(list.at(9_960)?.run_id).toBe('9960');
  list.show(9_950, 9_968);
  expect(server.asked).toHaveLength(0);
});

it('a list that couldn’t be had is asked for again once the server is heard', async () => {
  const server = new Server();
  const runs = new Runs(server.settings);
  runs.watch('churn.ipynb');
  const list = runs.list({ path: 'churn.ipynb' });
  await (await server.next('GET runs')).answer({ kind: 'BackendError', message: 'busy' }, 503);
  expect(list.error?.message).toBe('busy');
  server.sockets[0]?.onopen?.();
  await (await server.next('GET runs')).answer({ runs: [aHead()], total: 1 });
  expect([list.error, list.total]).toEqual([null, 1]);
});

it('an end is told once, whichever tab hears of it', () => {
  const kept = new Map<string, string>();
  const told = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value)
  };
  const said: string[] = [];
  const tabs = [0, 1].map(() => {
    const runs = new Runs(new Server().settings);
    new Endings(runs, told, () => false).ended.connect((_, ended) => said.push(ended.run_id));
    return runs;
  });
  const ended = head({ status: 'failed' });
  tabs.forEach(runs =>
    (runs.ended as unknown as { emit: (one: typeof ended) => void }).emit(ended)
  );
  expect(said).toEqual([ended.run_id]);
});

it('an output notebook is read with its project’s path, trusts nothing and can’t be written', async () => {
  const server = new Server();
  const drive = new OutputDrive(server.settings);
  const path = outputPath('a b/churn.ipynb', '20261121-1-4f2a', 'churn');
  expect(path).toBe('runs:a b/churn.ipynb/20261121-1-4f2a/churn 4f2a.ipynb');
  const got = drive.get(path.slice('runs:'.length));
  const asked = await server.next('GET runs/20261121-1-4f2a/notebook');
  expect(asked.query).toEqual({ path: 'a b/churn.ipynb' });
  const cell = { cell_type: 'code', metadata: { trusted: true, tags: ['step:a'] }, source: '' };
  await asked.answer({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
  const model = await got;
  expect(model).toMatchObject({ writable: false, type: 'notebook', name: 'churn 4f2a.ipynb' });
  expect(model.content.cells[0].metadata).toEqual({ tags: ['step:a'] });
  await expect(drive.save()).rejects.toThrow('can only be read');
});
