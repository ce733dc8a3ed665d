import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { erfc, normalTail } from '../../src/base/erfc.js';

/** From tables with 15 digits and more (Abramowitz and Stegun; Python's math.erfc). */
const KNOWN: readonly (readonly [number, number])[] = [
  [0, 1],
  [1e-10, 0.999999999887162],
  [0.1, 0.8875370839817152],
  [0.5, 0.4795001221869535],
  [1, 0.15729920705028513],
  [1.5, 0.033894853524689274],
  [1.9999, 0.004679802092970608],
  [2, 0.004677734981047265],
  [2.5, 0.0004069520174449589],
  [4, 1.541725790028002e-8],
  [6, 2.1519736712498913e-17],
  [10, 2.088487583762545e-45],
  [20, 5.3958656116079005e-176],
  [26, 5.663192408856143e-296],
];

test('erfc is right to 12 digits, on both sides', () => {
  for (const [x, expected] of KNOWN) {
    const error = Math.abs(erfc(x) - expected) / expected;
    assert.ok(error < 1e-12, `erfc(${x}) is ${erfc(x)}, not ${expected}`);
    assert.ok(Math.abs(erfc(-x) - (2 - expected)) < 1e-15, `erfc(${-x})`);
  }
});

test('its ends', () => {
  assert.equal([erfc(Infinity), erfc(-Infinity), erfc(40)], [0, 2, 0]);
  assert.ok(Number.isNaN(erfc(NaN)));
});

test('the normal tail', () => {
  assert.ok(Math.abs(normalTail(1.6448536269514722) - 0.05) < 1e-15);
  assert.ok(Math.abs(normalTail(-2.3263478740408408) - 0.99) < 1e-15);
  assert.is(normalTail(0), 0.5);
});

test.run();
