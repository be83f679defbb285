/** How many step colours there are; they begin again after the last. */
export const COLOURS = 7;

/** The colour of the step at that place of the notebook, as CSS. */
export function colour(place: number): string {
  return place < 0 ? 'var(--jp-border-color1)' : `var(--jp-mlops-step-${(place % COLOURS) + 1})`;
}
