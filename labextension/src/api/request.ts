import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Problem } from '../tokens';

export const PREFIX = 'mlops-lab';

/** What the server refused, and why; `message` names the thing and the way out. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly notes: readonly string[] = [],
    readonly problems: readonly Problem[] = []
  ) {
    super(message);
    this.name = 'Refused';
  }
}

/** The server can't be reached. */
export class Unreachable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unreachable';
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface Asked {
  method?: 'GET' | 'POST' | 'DELETE';
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The address of a route, below the server's base URL; each part of the path is encoded. */
export function address(base: string, parts: readonly string[], query: Query = {}): string {
  const url = URLExt.join(base, PREFIX, ...parts.map(encodeURIComponent));
  const said = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, typeof value === 'boolean' ? (value ? '1' : '0') : `${value}`]]
  );
  return said.length ? `${url}?${new URLSearchParams(said)}` : url;
}

/** What the server answers; raises Refused or Unreachable. */
export async function request<T>(
  settings: ServerConnection.ISettings,
  parts: readonly string[],
  asked: Asked = {}
): Promise<T> {
  const url = address(settings.baseUrl, parts, asked.query);
  const init: RequestInit = { method: asked.method ?? 'GET' };
  if (init.method !== 'GET') {
    // A page of another origin can't send this type unasked; the server takes no other.
    init.headers = { 'Content-Type': 'application/json' };
  }
  if (asked.body !== undefined) {
    init.body = JSON.stringify(asked.body);
  }
  if (asked.signal) {
    init.signal = asked.signal;
  }
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, init, settings);
  } catch (error) {
    if (asked.signal?.aborted) {
      throw error;
    }
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  let body: Partial<Refused> = {};
  try {
    body = JSON.parse(text) as Partial<Refused>;
  } catch {
    // A proxy's page, or none: the status says what there is to say.
  }
  // A proxy answers so while the server behind it is away.
  if ([502, 503, 504].includes(response.status) && !body.kind) {
    return new Unreachable(response.statusText);
  }
  const message = body.message || response.statusText || `HTTP ${response.status}`;
  return new Refused(response.status, body.kind ?? '', message, body.notes, body.problems);
}
