/** Colours the ground of an element as strongly as a weight from 0 to 1. */
export function shade({ style }: HTMLElement, weight: number): void {
  const percent = Math.round(100 * weight);
  const colour = percent === 0 ? '' : `color-mix(in srgb, var(--p4) ${percent}%, var(--sheet))`;
  // Most weights of a long text are 0 and stay so: what does not change costs no new style.
  if (style.backgroundColor !== colour) style.backgroundColor = colour;
}
