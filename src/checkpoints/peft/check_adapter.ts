import { MAX_SIZE } from '../../architecture/gpt2/config_values.js';
import { checkTargets, type LoraAdapter, type LoraPair } from '../../architecture/gpt2/lora.js';
import { checkNumber, finite, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isFloat32Array } from '../../base/float_array.js';

/** Checks an adapter that a program has made. Throws `invalid-option`. */
export function checkAdapter(adapter: unknown): asserts adapter is LoraAdapter {
  if (typeof adapter !== 'object' || adapter === null)
    throw invalidOption('adapter', adapter, 'a LoraAdapter');
  const { rank, alpha, targets, pairs } = adapter as LoraAdapter;
  checkNumber('rank', rank, whole(1, MAX_SIZE));
  checkNumber('alpha', alpha, finite);
  checkTargets(targets);
  if (Object.prototype.toString.call(pairs) !== '[object Map]') {
    throw invalidOption('pairs', pairs, 'a Map of LoraPair');
  }
  for (const pair of pairs.values()) checkPair(pair, rank);
}

function checkPair(pair: LoraPair, rank: number): void {
  if (typeof pair?.name !== 'string') throw invalidOption('an item of pairs', pair, 'a LoraPair with a name');
  const { name, K, N, a, b } = pair;
  checkNumber(`K of ${name}`, K, whole(1, MAX_SIZE));
  checkNumber(`N of ${name}`, N, whole(1, MAX_SIZE));
  for (const [letter, values, length] of [
    ['a', a, rank * K],
    ['b', b, rank * N],
  ] as const) {
    if (isFloat32Array(values) && values.length === length) continue;
    const right = `a Float32Array of ${length} numbers`;
    if (!isFloat32Array(values)) throw invalidOption(`${letter} of ${name}`, values, right);
    throw new Gpt2Error(
      'invalid-option',
      `${letter} of ${name} has ${values.length} numbers; it must be ${right}`,
    );
  }
}
