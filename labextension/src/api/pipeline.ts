import type { INotebookContent } from '@jupyterlab/nbformat';
import type { ServerConnection } from '@jupyterlab/services';

import type { Compiled, Explained, RunOptions, Split, Suggestion } from '../tokens';
import { request } from './request';

export interface ToCompile {
  path: string;
  /** The notebook as it is edited; the file as saved where it is left out. */
  notebook?: INotebookContent;
  split?: Split;
}

/** The word "pipeline": what a notebook's steps are, and what would run. */
export class PipelineApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  compile(body: ToCompile, signal?: AbortSignal): Promise<Compiled> {
    return this.ask(['pipeline', 'compile'], body, signal);
  }

  explain(path: string, options: RunOptions, signal?: AbortSignal): Promise<Explained> {
    return this.ask(['pipeline', 'explain'], { path, options }, signal);
  }

  suggest(body: ToCompile): Promise<Suggestion> {
    return this.ask(['pipeline', 'suggest'], body);
  }

  private ask<T>(parts: string[], body: unknown, signal?: AbortSignal): Promise<T> {
    return request<T>(this.settings, parts, { method: 'POST', body, ...(signal && { signal }) });
  }
}
