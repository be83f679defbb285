import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { commands } from './plugins/commands';
import { panel } from './plugins/panel';
import { pipeline } from './plugins/pipeline';
import { runs } from './plugins/runs';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [runs, pipeline, commands, panel];

export default plugins;
