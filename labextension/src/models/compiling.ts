import type { NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelineApi } from '../api/pipeline';
import { Observed } from '../observed';
import type { Compiled, Split } from '../tokens';
import { content, fingerprint } from './content';

/** Milliseconds after the last key: with the answer's way it is to be less than 150. */
const PAUSE = 60;

/** One notebook, compiled as it is edited; the newest answer wins, also where none could be had. */
export class Compiling extends Observed {
  constructor(
    private readonly api: PipelineApi,
    private readonly panel: NotebookPanel
  ) {
    super();
    panel.context.model.contentChanged.connect(this.later, this);
    panel.context.pathChanged.connect(this.now, this);
    panel.disposed.connect(this.dispose, this);
    void panel.context.ready.then(() => this.now());
  }

  get compiled(): Compiled | null {
    return this._compiled;
  }

  get error(): Error | null {
    return this._error;
  }

  /** The notebook is no longer what was compiled last. */
  get edited(): ISignal<this, void> {
    return this._edited;
  }

  protected override end(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  set split(split: Split | null | undefined) {
    if (split !== this._split) {
      this._split = split;
      this.now();
    }
  }

  /** Ask again even if nothing was edited: the server was away, or files changed. */
  again(): void {
    this.sent = '';
    this.now();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  private now(): void {
    clearTimeout(this.timer);
    const { context } = this.panel;
    if (this.isDisposed || !context.isReady || context.isDisposed) {
      return;
    }
    const body = {
      path: context.path,
      notebook: content(context.model),
      ...(this._split && { split: this._split })
    };
    const sent = `${body.path} ${body.split} ${fingerprint(body.notebook)}`;
    if (sent === this.sent) {
      return;
    }
    const first = this.sent === '';
    this.sent = sent;
    if (!first) {
      this._edited.emit();
    }
    void this.ask(body);
  }

  private async ask(body: Parameters<PipelineApi['compile']>[0]): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      const answer = await this.api.compile(body, signal);
      if (signal.aborted) {
        return;
      }
      this._compiled = answer;
      this._error = null;
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      // Until it is asked again the same notebook is worth a second try.
      this.sent = '';
      this._error = error instanceof Error ? error : new Error(String(error));
    }
    this.tell();
  }

  private readonly _edited = new Signal<this, void>(this);
  private _compiled: Compiled | null = null;
  private _error: Error | null = null;
  private _split: Split | null | undefined;
  private abort = new AbortController();
  private sent = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
}
