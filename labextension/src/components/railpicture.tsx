import { memo, type ReactElement } from 'react';

import type { Lane, Lanes } from './lanes';

const FIRST = 15;
export const APART = 14;
/** Where names begin. */
export const NAMES = 18;

/** How far from the left a lane runs. */
export function across(lane: number): number {
  return FIRST + lane * APART;
}

export interface RailPictureProps {
  lanes: Lanes;
  row: number;
  colours: readonly string[];
  /** The row whose lines are lit. */
  lit: number;
}

/** The dots and lines left of the names; what they say, the rows say in words. */
export const RailPicture = memo(function RailPicture(props: RailPictureProps): ReactElement {
  const { lanes, row, colours, lit } = props;
  const isLit = (line: Lane): boolean => line.from === lit || line.to === lit;
  // What is lit lies on top of what isn't.
  const lines = [...lanes.lines].sort((a, b) => Number(isLit(a)) - Number(isLit(b)));
  const down = (at: number): number => row / 2 + at * row;
  return (
    <svg
      className="jp-MlopsRail-picture"
      width={across(lanes.width)}
      height={lanes.dots.length * row}
      aria-hidden="true"
    >
      {lines.map(line => (
        <path
          key={`${line.from}-${line.to}`}
          className={isLit(line) ? 'jp-mod-lit' : undefined}
          d={path(line, lanes.dots, row)}
        />
      ))}
      {lanes.dots.map((lane, at) => (
        <circle key={at} cx={across(lane)} cy={down(at)} r="4.5" style={{ fill: colours[at] }} />
      ))}
    </svg>
  );
});

/** Out of one dot, down the lane, into the other. */
function path({ from, to, lane }: Lane, dots: readonly number[], row: number): string {
  const [a, b, x] = [across(dots[from] ?? 0), across(dots[to] ?? 0), across(lane)];
  const [top, bottom, half] = [row / 2 + from * row, row / 2 + to * row, row / 2];
  let d = `M${a} ${top}`;
  if (a !== x) {
    d += `C${a} ${top + half} ${x} ${top + half * 0.4} ${x} ${top + row * 0.8}`;
  }
  d += `L${x} ${bottom - (b === x ? 0 : row * 0.8)}`;
  if (b !== x) {
    d += `C${x} ${bottom - half * 0.4} ${b} ${bottom - half} ${b} ${bottom}`;
  }
  return d;
}
