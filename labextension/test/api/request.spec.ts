import { describe, expect, it } from 'vitest';

import { address, Refused, request, Unreachable } from '../../src/api/request';
import { Server } from '../server';

describe('a request', () => {
  it('goes below the base URL, each part encoded', () => {
    const url = address('http://here/user/a%20b/', ['runs', 'a/../b', 'log'], { path: 'ä?.ipynb', after: 0 });
    expect(url).toBe(
      'http://here/user/a%20b/mlops-lab/runs/a%2F..%2Fb/log?path=%C3%A4%3F.ipynb&after=0'
    );
  });

  it('that is refused says why, and the way out', async () => {
    const server = new Server();
    const asked = request(server.settings, ['runs', 'x']).catch((error: unknown) => error);
    const body = { kind: 'NotFound', message: "no run 'x'", notes: ['see `mlops runs`'], problems: [] };
    await (await server.next('GET runs/x')).answer(body, 404);
    const error = await asked;
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status: 404, kind: 'NotFound', message: "no run 'x'" });
  });

  it.each([502, 503, 504])('that a proxy answers with %d did not reach the server', async status => {
    const server = new Server();
    const asked = request(server.settings, ['runs']).catch((error: unknown) => error);
    await (await server.next('GET runs')).answer('<html>', status);
    expect(await asked).toBeInstanceOf(Unreachable);
  });

  it('that goes nowhere says so', async () => {
    const server = new Server();
    const asked = request(server.settings, ['runs']).catch((error: unknown) => error);
    await (await server.next('GET runs')).fail();
    expect(await asked).toBeInstanceOf(Unreachable);
  });

  it('that changes something says that it is JSON, so that no form can stand in for it', async () => {
    let type: string | null = null;
    const server = new Server();
    const settings = {
      ...server.settings,
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        type = new Request(input, init).headers.get('Content-Type');
        return new Response(null, { status: 204 });
      }
    };
    await request(settings, ['runs', 'x'], { method: 'DELETE' });
    expect(type).toBe('application/json');
  });
});
