import { PathExt } from '@jupyterlab/coreutils';

const NAME = /^mlops-failed-(\w[\w-]*)$/;

/** A run, by its project and id. */
export interface RunPlace {
  path: string;
  run_id: string;
}

/** The session path of the console at a run's failed step: the same after a reload. */
export function consolePath({ path, run_id: id }: RunPlace): string {
  const folder = path.endsWith('.ipynb') ? PathExt.dirname(path) : path;
  return PathExt.join(folder, `mlops-failed-${id}`);
}

/** The run whose failed step a console is at; null where it is any other console. */
export function runOfConsole(path: string): RunPlace | null {
  const id = NAME.exec(PathExt.basename(path))?.[1];
  return id ? { path: PathExt.dirname(path), run_id: id } : null;
}
