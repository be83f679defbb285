import { LabIcon } from '@jupyterlab/ui-components';

import explainSvg from '../../style/icons/explain.svg';
import pipelineSvg from '../../style/icons/pipeline.svg';
import runSvg from '../../style/icons/run.svg';

/** Icons where JupyterLab wants its own kind: titles, menus, toolbars. */
export const pipelineIcon = new LabIcon({ name: 'mlops-lab:pipeline', svgstr: pipelineSvg });
export const runIcon = new LabIcon({ name: 'mlops-lab:run', svgstr: runSvg });
export const explainIcon = new LabIcon({ name: 'mlops-lab:explain', svgstr: explainSvg });
