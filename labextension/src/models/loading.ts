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
const GONE: readonly Kernel.Status[] = ['dead', 'terminating', 'restarting', 'autorestarting'];

/** The kernel has died or was started anew before it answered. */
export class KernelGone extends Error {}

/**
 * Bring what a step read into a kernel: no cell, nothing in its history, no name but what it read.
 * `began` is called when the kernel gets to it.
 *
 * Rejects with what went wrong and the way out; with KernelGone where there is no kernel to answer.
 */
export async function loadInputs(
  kernel: Kernel.IKernelConnection,
  step: string,
  began: () => void = () => undefined
): Promise<Loaded> {
  if (kernel.status === 'dead' || kernel.isDisposed) {
    throw new KernelGone();
  }
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    user_expressions: { loaded: expression(step) }
  });
  future.onIOPub = began;
  const { content } = await answered(kernel, future.done);
  if (content.status !== 'ok') {
    throw new Error(content.status === 'error' ? content.evalue : content.status);
  }
  const told = content.user_expressions.loaded as unknown as Told;
  if (told.status !== 'ok') {
    throw new Error(told.evalue ?? '');
  }
  return (told.data?.[MIME] ?? {}) as Loaded;
}

/** The answer, as long as the kernel lives that was asked. */
async function answered<T>(kernel: Kernel.IKernelConnection, answer: Promise<T>): Promise<T> {
  let watch = (): void => undefined;
  const gone = new Promise<never>((_, reject) => {
    watch = () => {
      if (GONE.includes(kernel.status) || kernel.isDisposed) {
        reject(new KernelGone());
      }
    };
    kernel.statusChanged.connect(watch);
    kernel.disposed.connect(watch);
  });
  try {
    return await Promise.race([answer, gone]);
  } finally {
    kernel.statusChanged.disconnect(watch);
    kernel.disposed.disconnect(watch);
  }
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
