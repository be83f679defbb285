import { LabIcon } from '@jupyterlab/ui-components';

import compareSvg from '../../style/icons/compare.svg';
import explainSvg from '../../style/icons/explain.svg';
import pipelineSvg from '../../style/icons/pipeline.svg';
import runSvg from '../../style/icons/run.svg';
import runsSvg from '../../style/icons/runs.svg';

/** Icons where JupyterLab wants its own kind: titles, menus, toolbars. */
export const pipelineIcon = new LabIcon({ name: 'mlops-lab:pipeline', svgstr: pipelineSvg });
export const runIcon = new LabIcon({ name: 'mlops-lab:run', svgstr: runSvg });
export const explainIcon = new LabIcon({ name: 'mlops-lab:explain', svgstr: explainSvg });
export const runsIcon = new LabIcon({ name: 'mlops-lab:runs', svgstr: runsSvg });
export const compareIcon = new LabIcon({ name: 'mlops-lab:compare', svgstr: compareSvg });
