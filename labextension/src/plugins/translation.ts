import {
  type ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

export const DOMAIN = 'mlops_lab';

/** The words of these plugins in JupyterLab's language; in English where it has but one. */
export function translation(translator: ITranslator | null): TranslationBundle {
  return (translator ?? nullTranslator).load(DOMAIN);
}
