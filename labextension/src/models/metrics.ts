import type { RunHead } from '../tokens';

export interface MetricLine {
  name: string;
  /** The run's own value; null where it has none. */
  value: number | null;
  /** The values of the runs up to this one, the oldest first. */
  values: number[];
}

/** The metrics of a run, each with what it was in the runs before; `history` is newest first. */
export function metricLines(head: RunHead, history: readonly RunHead[]): MetricLine[] {
  const before = history.filter(one => one.run_id !== head.run_id && one.started <= head.started);
  const runs = [...before.toReversed(), head];
  const last = before.find(one => one.status === 'succeeded');
  const missing = Object.keys(last?.metrics ?? {}).filter(name => !(name in head.metrics));
  return [...Object.keys(head.metrics), ...missing].map(name => ({
    name,
    value: head.metrics[name] ?? null,
    values: runs.flatMap(run => run.metrics[name] ?? [])
  }));
}

export interface ParameterLine {
  name: string;
  value: unknown;
  /** What it was in the run before, where that was something else. */
  was?: unknown;
  differs: boolean;
}

/** The parameters of a run, and which of them were others in the run before. */
export function parameterLines(head: RunHead, history: readonly RunHead[]): ParameterLine[] {
  const before = history.find(one => one.run_id !== head.run_id && one.started < head.started);
  const names = [...new Set([...Object.keys(head.params), ...Object.keys(before?.params ?? {})])];
  return names.map(name => {
    const [value, was] = [head.params[name], before?.params[name]];
    const differs = before !== undefined && JSON.stringify(value) !== JSON.stringify(was);
    return differs ? { name, value, was, differs } : { name, value, differs };
  });
}
