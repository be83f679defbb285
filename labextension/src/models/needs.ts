import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunDiff, RunView } from '../tokens';

export type RunNeeds = RunView['needs'];
export type FileNeed = RunNeeds['files'][number];

/** A size as people say it: 512 B, 4.2 MB. */
export function bytes(size: number): string {
  let [much, at] = [size, 0];
  while (much >= 999.5 && at < UNITS.length - 1) {
    much /= 1000;
    at++;
  }
  return `${at === 0 || much >= 99.5 ? Math.round(much) : much.toFixed(1)} ${UNITS[at]}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** So much of a digest tells two files apart. */
export function short(digest: string): string {
  return digest.slice(0, 8);
}

/** "3.12.4": which Python; the usual one goes without its name. */
export function pythonVersion(python: string): string {
  const [name, version] = python.split(' ');
  return name === 'CPython' ? (version ?? '') : [name, version].join(' ');
}

/** "Linux, x86_64": what it ran on. */
export function platform(python: string): string {
  const [, , system, machine] = python.split(' ');
  const name = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[system ?? ''] ?? system;
  return [name, machine].filter(Boolean).join(', ');
}

/** From where somebody started the run: "in JupyterLab". */
export function surfaceWord(surface: string, trans: TranslationBundle): string {
  switch (surface) {
    case 'panel':
      return trans.__('in JupyterLab');
    case 'cli':
      return trans.__('in a shell');
    case 'magic':
      return trans.__('with %mlops');
    case 'papermill':
      return trans.__('with papermill');
    case 'schedule':
      return trans.__('on a schedule');
    default:
      return surface;
  }
}

/** Of what kind a difference in needs is. */
export function needWord(
  kind: RunDiff['needs']['changes'][number]['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'python':
      return '';
    case 'package':
      return trans.__('package');
    case 'file':
      return trans.__('file');
  }
}

/** The step that took the most memory, and how much; null where nothing is known. */
export function mostMemory(steps: RunView['steps']): { name: string; memory: number } | null {
  const known = steps.flatMap(({ name, memory }) => (memory ? [{ name, memory }] : []));
  return known.sort((a, b) => b.memory - a.memory)[0] ?? null;
}

/** Seconds that the processor worked in this run. */
export function worked(steps: RunView['steps']): number {
  return steps.reduce((sum, step) => sum + (step.cached ? 0 : (step.cpu ?? 0)), 0);
}

/** What one step needed of all that the run did. */
export function needsOf(needs: RunNeeds, step: string): RunNeeds {
  const own = <T extends { steps: readonly string[] }>(all: readonly T[]): T[] =>
    all.filter(one => one.steps.includes(step));
  const loaded = needs.by_step[step] ?? [];
  return {
    python: needs.python,
    packages: Object.fromEntries(loaded.map(name => [name, needs.packages[name] ?? ''])),
    files: own(needs.files),
    more: 0,
    variables: own(needs.variables),
    outside: own(needs.outside),
    by_step: { [step]: loaded }
  };
}

/** The packages whose names hold the words. */
export function matching(packages: RunNeeds['packages'], words: string): [string, string][] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.entries(packages).filter(([name]) =>
    wanted.every(word => name.toLowerCase().includes(word))
  );
}
