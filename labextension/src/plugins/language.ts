import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import { MenuBar } from '@lumino/widgets';

import { reword } from '../models/schemawords';
import { DOMAIN } from './translation';

const OURS = 'mlops-lab:';
const MENU = 'mlops-pipeline';

/**
 * What our schemas say, in the page's language: JupyterLab's server translates the schemas of its
 * own packages, and lists those of extensions as they are.
 */
export const language: JupyterFrontEndPlugin<void> = {
  id: 'mlops-lab:language',
  description: 'Settings and the menu of pipelines in the page’s language.',
  autoStart: true,
  requires: [ITranslator],
  optional: [ISettingRegistry, IMainMenu],
  activate: (app: JupyterFrontEnd, translator: ITranslator, registry: ISettingRegistry | null, menus: IMainMenu | null) => {
    const trans = translator.load(DOMAIN);
    const say = (id: string): void => {
      const schema = id.startsWith(OURS) ? registry?.plugins[id]?.schema : undefined;
      if (schema) {
        reword(schema, text => trans.gettext(text));
      }
    };
    registry?.pluginChanged.connect((_, id) => say(id));
    void app.restored.then(() => {
      Object.keys(registry?.plugins ?? {}).forEach(say);
      entitle(menus, trans);
    });
  }
};

function entitle(menus: IMainMenu | null, trans: TranslationBundle): void {
  const menu = menus instanceof MenuBar ? menus.menus.find(({ id }) => id.endsWith(MENU)) : undefined;
  if (menu) {
    menu.title.label = trans.__('Pipeline');
  }
}
