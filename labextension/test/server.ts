import { ServerConnection } from '@jupyterlab/services';

/** A request as it left, and the way to answer it. */
export interface Question {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  answer: (body: unknown, status?: number) => Promise<void>;
  fail: () => Promise<void>;
}

/** The far end of the wire: requests wait here until the test answers them. */
export class Server {
  readonly asked: Question[] = [];
  readonly sockets: Socket[] = [];

  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://here/user/a%20b/',
    wsUrl: 'ws://here/user/a%20b/',
    token: 'secret',
    appendToken: true,
    fetch: (input: RequestInfo | URL, init?: RequestInit) => this.take(new Request(input, init)),
    WebSocket: this.socketClass()
  });

  /** The next request of that route that nobody has answered yet. */
  async next(route: string): Promise<Question> {
    for (let turn = 0; turn < 200; turn++) {
      const at = this.asked.findIndex(one => `${one.method} ${one.path}` === route);
      if (at >= 0) {
        return this.asked.splice(at, 1)[0] as Question;
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    const waiting = this.asked.map(one => `${one.method} ${one.path}`);
    throw new Error(`no ${route}; there are: ${waiting.join(', ') || 'none'}`);
  }

  private async take(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    return new Promise((resolve, reject) => {
      this.asked.push({
        method: request.method,
        path: decodeURIComponent(url.pathname.replace('/user/a%20b/mlops-lab/', '')),
        query: Object.fromEntries([...url.searchParams].filter(([key]) => !/^\d+$/.test(key) && key)),
        body: text ? JSON.parse(text) : undefined,
        answer: async (body, status = 200) => {
          resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
          await settled();
        },
        fail: async () => {
          reject(new TypeError('Failed to fetch'));
          await settled();
        }
      });
    });
  }

  private socketClass(): typeof WebSocket {
    const { sockets } = this;
    return class extends Socket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    } as unknown as typeof WebSocket;
  }
}

/** A socket whose other end is the test. */
export class Socket {
  readonly said: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {}

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
    this.onclose?.();
  }

  tell(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** After everything that was only waiting for its turn. */
export function settled(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0));
}
