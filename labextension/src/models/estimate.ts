export interface Left {
  name: string;
  /** What it took last time, if that is known. */
  usual: number | null;
  /** How long it has been running. */
  spent: number;
}

/** Seconds until the last of these steps is done, if what waits for nothing runs side by side. */
export function timeLeft(
  steps: readonly Left[],
  graph: readonly (readonly [string, string])[]
): number | null {
  const ends = new Map<string, number>();
  for (const { name, usual, spent } of steps) {
    if (usual === null) {
      return null;
    }
    const above = graph.filter(([, below]) => below === name).map(([one]) => ends.get(one) ?? 0);
    ends.set(name, Math.max(0, ...above) + Math.max(0, usual - spent));
  }
  return Math.max(0, ...ends.values());
}
