/** Which rows of a long list are to be drawn, the last not among them: those in view, and some around. */
export function visibleRows(
  top: number,
  height: number,
  row: number,
  total: number,
  around = 8
): [first: number, last: number] {
  const first = Math.max(0, Math.floor(top / row) - around);
  const last = Math.min(total, Math.ceil((top + height) / row) + around);
  return [Math.min(first, last), last];
}

/** How far to scroll so that a row is in view, moving as little as can be. */
export function scrolledTo(at: number, top: number, height: number, row: number): number {
  const begin = at * row;
  if (begin < top) {
    return begin;
  }
  return begin + row > top + height ? begin + row - height : top;
}
