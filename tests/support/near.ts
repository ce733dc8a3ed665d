import * as assert from 'uvu/assert';

/** Fails unless two numbers differ by at most `tolerance`. */
export function near(actual: number, expected: number, tolerance: number, what = 'number'): void {
  const isNear = Math.abs(actual - expected) <= tolerance;
  assert.ok(isNear, `${what}: ${actual} is not within ${tolerance} of ${expected}`);
}

/** Fails unless two lists have the same length and their numbers differ by at most `tolerance`. */
export function allNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'number',
): void {
  assert.is(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) near(actual[i]!, expected[i]!, tolerance, `${what} ${i}`);
}
