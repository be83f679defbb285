import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IPipeline } from '../tokens';

/** The step that a command is about: the named one, that of the chip whose menu it is in, else the chosen one. */
export function stepOf(
  args: ReadonlyPartialJSONObject,
  app: JupyterFrontEnd,
  pipeline: IPipeline
): string | null {
  if (typeof args.step === 'string') {
    return args.step;
  }
  if (!args.chip) {
    return pipeline.selected;
  }
  const chip = app.contextMenuHitTest(({ classList }) => classList.contains('jp-MlopsChip'));
  const cells = pipeline.panel?.content.widgets ?? [];
  const cell = cells.findIndex(({ node }) => node.contains(chip ?? null)) + 1;
  const steps = pipeline.compiled?.pipeline?.steps ?? [];
  return chip && cell ? (steps.find(one => one.cells.includes(cell))?.name ?? null) : null;
}
