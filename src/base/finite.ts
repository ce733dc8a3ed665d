/** Whether no number is NaN or infinite. */
export function areFinite(values: Float32Array): boolean {
  // A finite number times 0 is 0, any other is NaN.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

/** The largest number of 32 bits. */
export const LARGEST_F32 = (2 - 2 ** -23) * 2 ** 127;
