import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookContent } from '@jupyterlab/nbformat';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import { RunsApi } from '../api/runs';
import { Disposable } from '../observed';
import { shortId } from './runwords';

/** The drive on which the output notebooks of runs lie. */
export const DRIVE = 'runs';
const EVER = new Date(0).toISOString();

/** Where the output notebook of a run can be opened. */
export function outputPath(path: string, id: string, name: string): string {
  return `${DRIVE}:${path}/${id}/${name} ${shortId(id)}.ipynb`;
}

/** Output notebooks of runs, to be read only; none of what they show is trusted. */
export class OutputDrive extends Disposable implements Contents.IDrive {
  constructor(readonly serverSettings: ServerConnection.ISettings) {
    super();
    this.api = new RunsApi(serverSettings);
  }

  readonly name = DRIVE;

  get fileChanged(): ISignal<this, Contents.IChangedArgs> {
    return this._fileChanged;
  }

  async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const parts = localPath.split('/');
    const [id, path] = [parts.at(-2) ?? '', parts.slice(0, -2).join('/')];
    const model = described(localPath);
    if (options?.content === false) {
      return model;
    }
    return { ...model, format: 'json', content: untrusted(await this.api.notebook(path, id)) };
  }

  getDownloadUrl(): Promise<string> {
    return refused();
  }

  newUntitled(): Promise<Contents.IModel> {
    return refused();
  }

  delete(): Promise<void> {
    return refused();
  }

  rename(): Promise<Contents.IModel> {
    return refused();
  }

  save(): Promise<Contents.IModel> {
    return refused();
  }

  copy(): Promise<Contents.IModel> {
    return refused();
  }

  createCheckpoint(): Promise<Contents.ICheckpointModel> {
    return refused();
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([]);
  }

  restoreCheckpoint(): Promise<void> {
    return refused();
  }

  deleteCheckpoint(): Promise<void> {
    return refused();
  }

  private readonly api: RunsApi;
  private readonly _fileChanged = new Signal<this, Contents.IChangedArgs>(this);
}

function refused(): Promise<never> {
  return Promise.reject(
    new Error('What a run has put out can only be read; save a copy elsewhere')
  );
}

function described(path: string): Contents.IModel {
  return {
    name: PathExt.basename(path),
    path,
    type: 'notebook',
    writable: false,
    // It is written once; when, the run says.
    created: EVER,
    last_modified: EVER,
    mimetype: 'application/x-ipynb+json',
    format: null,
    content: null
  };
}

/** The notebook without what it says of its own trust. */
function untrusted(notebook: INotebookContent): INotebookContent {
  const cells = notebook.cells.map(cell => {
    const metadata = { ...cell.metadata };
    delete metadata.trusted;
    return { ...cell, metadata };
  });
  return { ...notebook, cells } as INotebookContent;
}
