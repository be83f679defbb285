import type { INotebookContent } from '@jupyterlab/nbformat';
import type { ServerConnection } from '@jupyterlab/services';

import type { ConsoleView, LogPart, Released, RunDiff, RunOptions, RunPage, RunQuery, RunView } from '../tokens';
import { request } from './request';

/** The word "runs": what ran, and what can be done about it. */
export class RunsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  list(asked: RunQuery, offset: number, limit: number, signal?: AbortSignal): Promise<RunPage> {
    const { path, notebook = false, search, status } = asked;
    const query = { path, notebook, search, status, offset, limit };
    return request(this.settings, ['runs'], { query, ...(signal && { signal }) });
  }

  get(path: string, id: string): Promise<RunView> {
    return request(this.settings, ['runs', id], { query: { path } });
  }

  log(path: string, id: string, step: string, after = 0): Promise<LogPart> {
    return request(this.settings, ['runs', id, 'log'], { query: { path, step, after } });
  }

  notebook(path: string, id: string): Promise<INotebookContent> {
    return request(this.settings, ['runs', id, 'notebook'], { query: { path } });
  }

  diff(path: string, a: string, b: string): Promise<RunDiff> {
    return request(this.settings, ['runs', a, 'diff', b], { query: { path } });
  }

  async start(path: string, options: RunOptions): Promise<string> {
    const body = { path, options };
    return (await request<{ run_id: string }>(this.settings, ['runs'], { method: 'POST', body }))
      .run_id;
  }

  /** The id of the run that was cancelled, or of the one that began. */
  async act(path: string, id: string, verb: 'cancel' | 'resume' | 'again'): Promise<string> {
    const asked = { method: 'POST', query: { path }, body: {} } as const;
    return (await request<{ run_id: string }>(this.settings, ['runs', id, verb], asked)).run_id;
  }

  /** The kernel of the failed step, while it is kept. */
  console(path: string, id: string): Promise<ConsoleView> {
    return request(this.settings, ['runs', id, 'console'], { method: 'POST', query: { path } });
  }

  /** Let that kernel go. */
  release(path: string, id: string): Promise<Released> {
    return request(this.settings, ['runs', id, 'release'], { method: 'POST', query: { path } });
  }

  remove(path: string, id: string): Promise<void> {
    return request(this.settings, ['runs', id], { method: 'DELETE', query: { path } });
  }
}
