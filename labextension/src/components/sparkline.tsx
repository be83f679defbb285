import type { ReactElement } from 'react';

const WIDE = 88;
const HIGH = 22;
const EDGE = 3;

/** How a number went over runs, the newest last; the numbers stand beside it. */
export function Sparkline({
  values,
  label
}: {
  values: readonly number[];
  label: string;
}): ReactElement | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) {
    return null;
  }
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const flat = high === low;
  const x = (at: number): number => EDGE + (at / (finite.length - 1)) * (WIDE - 2 * EDGE);
  const y = (value: number): number =>
    flat ? HIGH / 2 : HIGH - EDGE - ((value - low) / (high - low)) * (HIGH - 2 * EDGE);
  const points = finite.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const last = finite.length - 1;
  return (
    <svg className="jp-MlopsSpark" width={WIDE} height={HIGH} role="img" aria-label={label}>
      <title>{label}</title>
      <polyline points={points} />
      <circle cx={x(last)} cy={y(finite[last] ?? 0)} r="2.5" />
    </svg>
  );
}
