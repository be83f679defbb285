// What JupyterLab's packages expect of a browser and jsdom lacks.
class DragEventOfNobody extends Event {}
Object.defineProperty(globalThis, 'DragEvent', { value: DragEventOfNobody, configurable: true });
Object.defineProperty(globalThis, 'matchMedia', {
  configurable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  })
});
