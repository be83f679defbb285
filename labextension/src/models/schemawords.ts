import type { ISettingRegistry } from '@jupyterlab/settingregistry';

type Said = Pick<ISettingRegistry.IProperty, 'title' | 'description'> & {
  properties?: Record<string, Said>;
};

/** Put the titles and descriptions of a schema, and of its properties, into other words. */
export function reword(schema: Said, words: (text: string) => string): void {
  if (schema.title) {
    schema.title = words(schema.title);
  }
  if (schema.description) {
    schema.description = words(schema.description);
  }
  Object.values(schema.properties ?? {}).forEach(property => reword(property, words));
}
