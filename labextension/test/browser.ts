import { afterEach, expect } from 'vitest';

// What JupyterLab's packages expect of a browser and jsdom lacks.
class DragEventOfNobody extends Event {}
Object.defineProperty(globalThis, 'DragEvent', { value: DragEventOfNobody, configurable: true });
class NothingResizes {
  observe(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NothingResizes as unknown as typeof ResizeObserver;
Object.defineProperty(globalThis, 'matchMedia', {
  configurable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  })
});

Object.defineProperty(globalThis, 'IS_REACT_ACT_ENVIRONMENT', { value: true, writable: true });

// What React complains of is a mistake.
const complaints: unknown[][] = [];
console.error = (...said: unknown[]) => void complaints.push(said);
afterEach(() => expect(complaints.splice(0)).toEqual([]));
