import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exp, ln, power, sinPi } from '../../src/base/exact_math.js';
import { randomSource } from '../support/random.js';

/** The engine's functions differ from each other in the last bit, and from the right number by less than one. */
function assertNear(found: number, right: number, about: string): void {
  const error = Math.abs(found - right) / Math.abs(right);
  if (!(found === right || error <= 3 * Number.EPSILON))
    assert.unreachable(`${about}: ${found}, not ${right}`);
}

test('exp and ln are right in all but the last bits, over their whole range', () => {
  const random = randomSource(1);
  for (let round = 0; round < 20_000; round++) {
    const x = (random.uniform() - 0.5) * random.pick([1400, 20, 1, 1e-9]);
    assertNear(exp(x), Math.exp(x), `exp(${x})`);
    const y = Math.exp(x);
    // Near 1, ln is small and y is rounded.
    if (Math.abs(x) > 1e-3) assertNear(ln(y), Math.log(y), `ln(${y})`);
  }
});

test('at the ends of the range', () => {
  assert.equal([exp(0), exp(-0), exp(Infinity), exp(-Infinity)], [1, 1, Infinity, 0]);
  assert.equal([exp(710), exp(-709)], [Infinity, 0]);
  assert.ok(exp(708.9) > 1e307 && exp(-708.2) > 2 ** -1022);
  assert.equal([ln(1), ln(0), ln(-0), ln(Infinity)], [0, -Infinity, -Infinity, Infinity]);
  assert.equal([ln(-1), ln(NaN), exp(NaN)].map(Number.isNaN), [true, true, true]);
});

test('power is exp of the product, also of 0', () => {
  assertNear(power(1.75, 20), 1.75 ** 20, '1.75 ** 20');
  assertNear(power(0.3, -2.5), 0.3 ** -2.5, '0.3 ** -2.5');
  assert.equal([power(0, 0), power(0, 2), power(0, -1), power(5, 0)], [1, 0, Infinity, 1]);
});

test('sinPi is right in all but the last bits, and 0 at whole numbers', () => {
  const random = randomSource(2);
  for (let round = 0; round < 20_000; round++) {
    const x = (random.uniform() - 0.5) * random.pick([1, 7, 1e-6]);
    // Near whole numbers, pi * x is rounded before the sine is taken.
    assert.ok(Math.abs(sinPi(x) - Math.sin(Math.PI * x)) <= 2e-15, `sinPi(${x})`);
    if (Math.abs(x) < 0.5) assertNear(sinPi(x), Math.sin(Math.PI * x), `sinPi(${x})`);
  }
  for (const [i, half] of [0.5, 1.5, 2.5, 3.5].entries())
    assertNear(sinPi(half), (-1) ** i, `sinPi(${half})`);
  for (const whole of [-3, -1, 0, 1, 2, 1e6]) assert.is(Math.abs(sinPi(whole)), 0);
});

/** Places with functions of the engine whose results are only shown. */
const SHOWN = /^(?:playground|cli|train\/plot)\//;
/** Files whose results are whole numbers, or are compared with a limit from which they are far. */
const COUNTS = [
  'tokenizer/token_table.ts',
  'checkpoints/gguf/header.ts',
  'generate/constraints/json_schema/plans/is_endless.ts',
];
const INEXACT =
  /Math\.(?:exp|expm1|log|log2|log10|log1p|pow|a?sin|a?cos|a?tan|atan2|sinh|cosh|tanh|cbrt|hypot)\b/;
/** `**` of anything but small whole numbers, whose powers engines have exactly. */
const POWER = /(?<!\b(?:2|2n|10|10n|64)) \*\* (?![23]\b)/;

test('nothing that is computed comes from functions whose last bit differs between engines', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
  for (const file of files.filter(
    (name) => name.endsWith('.ts') && !SHOWN.test(name) && !COUNTS.includes(name),
  )) {
    // Without comments.
    const code = readFileSync(`${src}/${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    for (const line of code.split('\n')) {
      assert.not.ok(INEXACT.test(line) || POWER.test(line), `src/${file}:${line}`);
    }
  }
});

test.run();
