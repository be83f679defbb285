import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.spec.{ts,tsx}'],
    setupFiles: ['test/browser.ts'],
    // Yjs says this of JupyterLab's own way of making cells, in the browser too.
    onConsoleLog: text => (/yjs#509|Add Yjs type|Clipboard API/.test(text) ? false : undefined),
    // JupyterLab's packages leave file endings out of their imports, as bundlers allow.
    server: { deps: { inline: [/@jupyterlab/, /@jupyter\//, /@lumino/, /@microsoft/] } }
  }
});
