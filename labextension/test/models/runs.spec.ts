import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Runs } from '../../src/models/runs';
import type { RunHead } from '../../src/tokens';
import { head, record, run } from '../cases';
import { Server, settled } from '../server';

let server: Server;
let runs: Runs;

beforeEach(() => {
  server = new Server();
  runs = new Runs(server.settings);
});

afterEach(() => vi.useRealTimers());

function moved(seq: number, more: Partial<RunHead>, ...steps: ReturnType<typeof record>[]) {
  return { kind: 'run', seq, head: head(more), steps, notes: [] };
}

describe('the stream', () => {
  it('is open while somebody watches, one for a folder, and asks with the token', () => {
    const [one, two] = [runs.watch('a/x.ipynb'), runs.watch('a/y.ipynb')];
    expect(server.sockets.map(socket => socket.url)).toEqual([
      'ws://here/user/a%20b/mlops-lab/events?path=a%2Fx.ipynb&token=secret'
    ]);
    one.dispose();
    expect(server.sockets[0]?.closed).toBe(false);
    two.dispose();
    expect(server.sockets[0]?.closed).toBe(true);
  });

  it('connects again and says how far each run is known', async () => {
    vi.useFakeTimers();
    runs.watch('x.ipynb');
    server.sockets[0]?.onopen?.();
    server.sockets[0]?.tell(moved(7, {}, record({ name: 'load' })));
    const told: boolean[] = [];
    runs.connectionChanged.connect((_, { connected }) => told.push(connected));
    server.sockets[0]?.onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    server.sockets[1]?.onopen?.();
    expect(told).toEqual([false, true]);
    expect(server.sockets[1]?.said).toEqual([{ kind: 'follow', seen: { r1: 7 } }]);
  });

  it('waits longer each time for a server that only lets it in to hang up again', async () => {
    vi.useFakeTimers();
    runs.watch('x.ipynb');
    const waits: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      server.sockets[turn]?.onopen?.();
      server.sockets[turn]?.onclose?.();
      const left = Date.now();
      while (server.sockets.length === turn + 1) {
        await vi.advanceTimersByTimeAsync(100);
      }
      waits.push(Date.now() - left);
    }
    expect(waits[4]).toBeGreaterThan(4 * (waits[0] ?? 0));
    server.sockets[5]?.onopen?.();
    await vi.advanceTimersByTimeAsync(60_000);
    server.sockets[5]?.onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.sockets).toHaveLength(7);
  });

  it('reads an output once for all who look at it, until the last of them leaves', () => {
    const [one, two] = [runs.tail('x.ipynb', 'r1', 'load'), runs.tail('x.ipynb', 'r1', 'load')];
    const socket = server.sockets[0];
    socket?.onopen?.();
    socket?.tell({ kind: 'log', run_id: 'r1', step: 'load', after: 3, text: 'abc' });
    one.dispose();
    socket?.tell({ kind: 'log', run_id: 'r1', step: 'load', after: 5, text: 'de' });
    const three = runs.tail('x.ipynb', 'r1', 'load');
    expect(three.known).toBe(true);
    expect([one.text, two.text, three.text]).toEqual(['abcde', 'abcde', 'abcde']);
    const tail = { kind: 'tail', run_id: 'r1', step: 'load', after: 0 };
    expect(socket?.said).toEqual([{ kind: 'follow', seen: {} }, tail]);
    two.dispose();
    three.dispose();
    expect(socket?.said.at(-1)).toEqual({ kind: 'untail', run_id: 'r1', step: 'load' });
    expect(socket?.closed).toBe(true);
  });

  it('says again after a new connection what output is wanted, from where', async () => {
    vi.useFakeTimers();
    const tail = runs.tail('x.ipynb', 'r1', 'load');
    expect(tail.known).toBe(false);
    server.sockets[0]?.onopen?.();
    server.sockets[0]?.tell({ kind: 'log', run_id: 'r1', step: 'load', after: 3, text: 'abc' });
    server.sockets[0]?.tell({ kind: 'log', run_id: 'r1', step: 'other', after: 9, text: 'no' });
    server.sockets[0]?.onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    server.sockets[1]?.onopen?.();
    server.sockets[1]?.tell({ kind: 'log', run_id: 'r1', step: 'load', after: 5, text: 'de' });
    expect(tail.text).toBe('abcde');
    expect(server.sockets[1]?.said).toContainEqual({ kind: 'tail', run_id: 'r1', step: 'load', after: 3 });
    tail.dispose();
    expect(server.sockets[1]?.said.at(-1)).toEqual({ kind: 'untail', run_id: 'r1', step: 'load' });
    expect(server.sockets[1]?.closed).toBe(true);
  });
});

describe('a run', () => {
  it('is what was loaded, and what the stream told since', async () => {
    runs.follow('x.ipynb', 'r1');
    const socket = server.sockets[0];
    socket?.onopen?.();
    // The stream is quicker than the answer, and knows more.
    socket?.tell(moved(5, { done: 1 }, record({ name: 'load', status: 'succeeded' })));
    await (await server.next('GET runs/r1')).answer(run({ seq: 3 }));
    expect(runs.run('r1')?.graph).toEqual([['load', 'train']]);
    expect(runs.run('r1')?.head.done).toBe(1);
    expect(runs.run('r1')?.steps.map(step => step.status)).toEqual(['succeeded', 'waiting']);
    socket?.tell(moved(4, { done: 0 }));
    expect(runs.run('r1')?.head.done).toBe(1);
  });

  it('that ends is told once', () => {
    const ended: string[] = [];
    runs.ended.connect((_, { status }) => ended.push(status));
    runs.watch('x.ipynb');
    server.sockets[0]?.onopen?.();
    server.sockets[0]?.tell(moved(1, {}));
    expect(runs.running.map(one => one.run_id)).toEqual(['r1']);
    server.sockets[0]?.tell(moved(2, { status: 'failed' }));
    server.sockets[0]?.tell(moved(2, { status: 'failed' }));
    expect(ended).toEqual(['failed']);
    expect(runs.running).toEqual([]);
  });

  it('is gone when it was deleted, here or elsewhere', async () => {
    const gone: string[] = [];
    runs.deleted.connect((_, id) => gone.push(id));
    runs.watch('x.ipynb');
    server.sockets[0]?.tell(moved(1, {}));
    server.sockets[0]?.tell({ kind: 'deleted', run_id: 'r1' });
    expect([gone, runs.run('r1')]).toEqual([['r1'], null]);
  });
});

describe('a list of runs', () => {
  const page = (...ids: string[]) => ({
    runs: ids.map((run_id, nth) => head({ run_id, started: 100 - nth, status: 'succeeded' })),
    total: 250
  });

  it('loads only what is looked at', async () => {
    const list = runs.list({ path: '' });
    await (await server.next('GET runs')).answer(page('a', 'b'));
    expect([list.total, list.at(1)?.run_id, list.at(120)]).toEqual([250, 'b', undefined]);
    list.show(110, 130);
    const asked = await server.next('GET runs');
    expect([asked.query.offset, asked.query.limit]).toEqual(['100', '100']);
    list.dispose();
  });

  it('keeps what was known until a new question is answered', async () => {
    const list = runs.list({ path: '' });
    await (await server.next('GET runs')).answer(page('a'));
    list.ask({ path: '', search: 'churn' });
    expect(list.at(0)?.run_id).toBe('a');
    const asked = await server.next('GET runs');
    expect(asked.query.search).toBe('churn');
    await asked.answer(page('z'));
    expect(list.at(0)?.run_id).toBe('z');
    list.dispose();
  });

  it('shows a run that moves, and asks again when one begins', async () => {
    const list = runs.list({ path: '' });
    await (await server.next('GET runs')).answer(page('r1'));
    runs.watch('x.ipynb');
    server.sockets[0]?.tell(moved(2, { status: 'running', done: 1, started: 100 }));
    expect(list.at(0)?.done).toBe(1);
    server.sockets[0]?.tell(moved(1, { run_id: 'r2', started: 101 }));
    await (await server.next('GET runs')).answer(page('r2', 'r1'));
    await settled();
    expect(list.at(0)?.run_id).toBe('r2');
    list.dispose();
  });
});
