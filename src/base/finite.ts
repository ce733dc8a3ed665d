/** Whether all numbers are finite. */
export function areFinite(values: Float32Array): boolean {
  // A finite number times 0 is 0; NaN and infinite numbers give NaN.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

/** The largest finite f32. */
export const LARGEST_F32 = (2 - 2 ** -23) * 2 ** 127;
