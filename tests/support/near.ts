import * as assert from 'uvu/assert';

/** Fails unless two numbers differ by at most `tolerance`. */
export function near(actual: number, expected: number, tolerance: number, what = 'number'): void {
  const isNear = Math.abs(actual - expected) <= tolerance;
  assert.ok(isNear, `${what}: ${actual} is not within ${tolerance} of ${expected}`);
}
