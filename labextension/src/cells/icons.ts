import { LabIcon } from '@jupyterlab/ui-components';

import tagSvg from '../../style/icons/tag.svg';

export const tagIcon = new LabIcon({ name: 'mlops-lab:tag', svgstr: tagSvg });
