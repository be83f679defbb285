import type { Kernel } from '@jupyterlab/services';

/** What was loaded: each name with its type. */
export type Loaded = Readonly<Record<string, string>>;

/** What an expression came to, as a kernel answers. */
interface Told {
  status?: 'ok' | 'error';
  data?: Record<string, unknown>;
  evalue?: string;
}

const MIME = 'application/json';

/**
 * Bring what a step read into a kernel: no cell, nothing in its history, no name but what it read.
 *
 * Rejects with what went wrong and the way out.
 */
export async function loadInputs(kernel: Kernel.IKernelConnection, step: string): Promise<Loaded> {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    user_expressions: { loaded: expression(step) }
  });
  const { content } = await future.done;
  if (content.status !== 'ok') {
    throw new Error(content.status === 'error' ? content.evalue : content.status);
  }
  const told = content.user_expressions.loaded as unknown as Told;
  if (told.status !== 'ok') {
    throw new Error(told.evalue ?? '');
  }
  return (told.data?.[MIME] ?? {}) as Loaded;
}

/** A Python expression that loads a step's inputs, and tells their names and types. */
export function expression(step: string): string {
  // Quoted for the magic's line, then for Python.
  const line = JSON.stringify(`load '${step.replace(/'/g, `'"'"'`)}' --inputs --json`);
  return (
    '(lambda shell: ("mlops" in shell.magics_manager.magics["line"]' +
    ' or shell.run_line_magic("load_ext", "mlops_lab"),' +
    ' __import__("IPython.display").display.JSON(' +
    ` shell.run_line_magic("mlops", ${line})))[1])(get_ipython())`
  );
}
