/** A loss that depends on arrays it holds. */
export abstract class Loss {
  abstract value(): f64;
}

/** Change of an input in each direction; the error of a difference is about its square. */
const STEP: f32 = 1.0 / 1024;

/** The gradient of a loss by an array it holds, from central differences. */
export function differences(loss: Loss, x: StaticArray<f32>): StaticArray<f64> {
  const out = new StaticArray<f64>(x.length);
  for (let i = 0; i < x.length; i++) {
    const before = x[i];
    const above = before + STEP;
    const below = before - STEP;
    x[i] = above;
    const high = loss.value();
    x[i] = below;
    const low = loss.value();
    x[i] = before;
    out[i] = (high - low) / (<f64>above - <f64>below);
  }
  return out;
}

export function dot(a: StaticArray<f64>, b: StaticArray<f32>): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * <f64>b[i];
  return sum;
}

/** Fails unless the numbers of `reference` from `offset` are near the differences. */
export function expectSlopes(
  reference: StaticArray<f64>,
  offset: i32,
  differences: StaticArray<f64>,
  what: string,
): void {
  let worst: f64 = 0;
  for (let i = 0; i < differences.length; i++) {
    const error = Math.abs(reference[offset + i] - differences[i]) / Math.max(1, Math.abs(differences[i]));
    worst = isNaN(error) ? Infinity : Math.max(worst, error);
  }
  expect<f64>(worst).toBeLessThanOrEqual(2e-5, what + ': reference and finite differences');
}
