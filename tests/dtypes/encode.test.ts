import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Parameter } from '../../src/architecture/gpt2/parameters.js';
import { readRows } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { Quantizer } from '../../src/core/packing/quantizer.js';
import { decode } from '../../src/dtypes/decode.js';
import { areStoredFinite, encode, type WrittenType } from '../../src/dtypes/encode.js';
import { toHalf as packageHalf } from '../../src/dtypes/to_half.js';
import { embeddedModel } from '../../src/files/folder/embedded_models.js';
import { randomSource } from '../support/random.js';
import { memorySource } from '../support/sources.js';
import { encode as literalEncode, toHalf as literalHalf } from './blocks.js';

const random = randomSource(77);
const { fround } = Math;

/** Numbers of very different size and both signs, some of them 0. */
function numbers(count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, () => {
    const size = 2 ** (random.below(24) - 16);
    return random.below(20) === 0 ? 0 : (random.uniform() - 0.5) * size;
  });
}

function encoded(type: 'F32' | 'F16', x: Float32Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes + 3).fill(0xee);
  assert.ok(encode(type, x, out, 2));
  assert.equal([out[0], out[1], out[bytes + 2]], [0xee, 0xee, 0xee]);
  return out.slice(2, -1);
}

test('halves are the nearest ones, ties to even', () => {
  const ties = Array.from({ length: 3000 }, (_, i) =>
    fround(2 ** ((i % 45) - 27) * (1 + (2 * i + 1) / 2 ** 12)),
  );
  const x = Float32Array.from([
    0,
    -0,
    65504,
    65519,
    65520,
    1e9,
    2 ** -25,
    2 ** -24,
    Infinity,
    ...ties,
    ...numbers(5000),
  ]);
  for (const value of x) {
    assert.is(packageHalf(value), literalHalf(value), String(value));
    assert.is(packageHalf(-value), literalHalf(-value), String(-value));
  }
});

test('F32 and F16 come back', () => {
  const x = numbers(1001);
  const wide = new Float32Array(x.length);
  decode('F32', encoded('F32', x, 4 * x.length), wide);
  assert.equal(wide, x);
  assert.equal(encoded('F16', x, 2 * x.length), literalEncode('F16', x));
});

/** The definition of the core's q8, one weight at a time, in single precision. */
function literalQ8(x: readonly number[]): number[] {
  const half = literalHalf(fround(Math.max(...x.map(Math.abs)) / 127));
  const scale = new Float32Array(1);
  decode('F16', Uint8Array.of(half, half >> 8), scale);
  const quants = x.map((value) => {
    const multiple = fround(value / scale[0]!);
    const below = Math.floor(multiple);
    const rest = multiple - below;
    const nearest = rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
    return scale[0] === 0 && value === 0 ? 0 : Math.max(-127, Math.min(127, nearest));
  });
  return [half & 255, half >> 8, ...quants.map((quant) => quant & 255)];
}

/**
 * quantize_row_q4_0_ref of ggml by its description: d from the number of largest magnitude, the first of
 * equal ones.
 */
function ggmlQ4(x: readonly number[]): number[] {
  const largest = x.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const d = fround(largest / -8);
  const inverse = d === 0 ? 0 : fround(1 / d);
  const quants = x.map((value) => Math.min(15, Math.trunc(fround(fround(value * inverse) + 8.5))));
  const half = literalHalf(d);
  return [half & 255, half >> 8, ...quants.slice(0, 16).map((low, i) => low + 16 * quants[i + 16]!)];
}

const BLOCK_BYTES = { q8: 34, q4: 18 } as const;

const parameterOf = (kind: 'conv1d' | 'linear', rows: number, columns: number): Parameter => ({
  name: 'h.0.mlp.c_fc.weight',
  kind,
  shape: [rows, columns],
});

/** The blocks of each output of a matrix whose outputs have the given inputs, by the core. */
async function quantized(
  weights: 'q8' | 'q4',
  kind: 'conv1d' | 'linear',
  outputs: readonly (readonly number[])[],
): Promise<number[][]> {
  const quantizer = await Quantizer.create(weights, undefined);
  const [N, K] = [outputs.length, outputs[0]!.length];
  const rowBytes = (K / 32) * BLOCK_BYTES[weights];
  const out = new Uint8Array(N * rowBytes + 3).fill(0xee);
  if (kind === 'linear') {
    const values = Float32Array.from(outputs.flat());
    quantizer.encode({ parameter: parameterOf(kind, N, K), rows: N, values }, out, 2, rowBytes);
  } else {
    for (let k = 0; k < K; k += 32) {
      const values = Float32Array.from({ length: 32 * N }, (_, i) => outputs[i % N]![k + Math.floor(i / N)]!);
      const at = 2 + (k / 32) * BLOCK_BYTES[weights];
      quantizer.encode({ parameter: parameterOf(kind, K, N), rows: 32, values }, out, at, rowBytes);
    }
  }
  assert.equal([out[0], out[1], out.at(-1)], [0xee, 0xee, 0xee]);
  return outputs.map((_, n) => [...out.subarray(2 + n * rowBytes, 2 + (n + 1) * rowBytes)]);
}

for (const kind of ['conv1d', 'linear'] as const) {
  for (const [N, blocks] of [
    [1, 1],
    [37, 3],
    [64, 2],
  ] as const) {
    const outputs = Array.from({ length: N }, () => [...numbers(32 * blocks)]);
    outputs[0] = Array.from({ length: 32 * blocks }, (_, i) => (i === 5 ? -127 : (i % 32) - 15.5));
    if (N > 1) outputs[1]!.fill(0);
    const cut = (values: readonly number[], size: number) =>
      Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));

    test(`${kind} ${N} x ${blocks} blocks: Q8_0 is what its definition says`, async () => {
      assert.equal(
        await quantized('q8', kind, outputs),
        outputs.map((output) => cut(output, 32).flatMap(literalQ8)),
      );
    });

    test(`${kind} ${N} x ${blocks} blocks: Q4_0 loses less than with ggml's quantizer`, async () => {
      const got = await quantized('q4', kind, outputs);
      const errorOf = (bytes: readonly number[], wanted: readonly number[]) => {
        const values = new Float32Array(32);
        decode('Q4_0', Uint8Array.from(bytes), values);
        return wanted.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0);
      };
      let [own, ggml] = [0, 0];
      outputs.forEach((output, n) => {
        const blocksOf = cut(got[n]!, 18);
        cut(output, 32).forEach((values, i) => {
          own += errorOf(blocksOf[i]!, values);
          ggml += errorOf(ggmlQ4(values), values);
        });
      });
      assert.ok(own > 0 && own < ggml, `${own} beside ${ggml}`);
    });
  }
}

test('blocks that were decoded come back, if they hold the lowest step', async () => {
  const outputs = Array.from({ length: 40 }, () => {
    const scale = fround((random.below(2000) + 1) / 2 ** 15) * (random.below(2) ? 1 : -1);
    return Array.from({ length: 32 }, (_, i) => scale * (i === 7 ? -8 : random.below(16) - 8));
  });
  for (const kind of ['conv1d', 'linear'] as const) {
    const got = await quantized('q4', kind, outputs);
    outputs.forEach((output, n) => {
      const values = new Float32Array(32);
      decode('Q4_0', Uint8Array.from(got[n]!), values);
      assert.equal([...values], output);
    });
  }
});

test("the embedded model's matrices come back from their decoded numbers, bit by bit", async () => {
  const source = memorySource('embedded', { 'stories.gguf': readFileSync(embeddedModel) });
  const quantizer = await Quantizer.create('q4', undefined);
  let blocks = 0;
  for await (const { parameter, dtype, rowCount, bytes } of readRows(
    await openCheckpoint(source),
    2 ** 22,
    {},
  )) {
    if (dtype !== 'Q4_0') continue;
    const rowBytes = (parameter.shape[1]! / 32) * BLOCK_BYTES.q4;
    const values = new Float32Array(rowCount * parameter.shape[1]!);
    decode(dtype, bytes, values);
    const out = new Uint8Array(bytes.length);
    quantizer.encode({ parameter, rows: rowCount, values }, out, 0, rowBytes);
    assert.ok(Buffer.from(out).equals(bytes), parameter.name);
    blocks += out.length / BLOCK_BYTES.q4;
  }
  assert.ok(blocks > 100_000, `${blocks} blocks`);
});

test('what a type cannot hold is told', async () => {
  const isHeld = async (type: WrittenType, value: number) => {
    const x = numbers(32);
    x[random.below(32)] = value;
    if (type === 'F32' || type === 'F16') return encode(type, x, new Uint8Array(128), 0);
    try {
      await quantized(type === 'Q8_0' ? 'q8' : 'q4', 'linear', [[...x]]);
      return true;
    } catch (error) {
      assert.match((error as Error).message, 'h.0.mlp.c_fc.weight has a weight');
      return false;
    }
  };
  for (const type of ['F32', 'F16', 'Q8_0', 'Q4_0'] as const) {
    for (const value of [Infinity, -Infinity, Number.NaN])
      assert.not.ok(await isHeld(type, value), `${type} ${value}`);
  }
  assert.ok(await isHeld('F32', -3e38));
  assert.ok(await isHeld('F16', -65504));
  assert.not.ok(await isHeld('F16', 65520));
  assert.ok(await isHeld('Q8_0', 127 * 65504));
  assert.not.ok(await isHeld('Q8_0', 128 * 65504));
  assert.ok(await isHeld('Q4_0', -7 * 65504));
  assert.not.ok(await isHeld('Q4_0', 8 * 65504));
});

test('stored numbers are looked at as they lie', () => {
  const words = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
  assert.ok(areStoredFinite('F32', words(0, -3e38, 1e-40, 65536)));
  for (const value of [Infinity, -Infinity, Number.NaN])
    assert.not.ok(areStoredFinite('F32', words(1, value)));
  const halves = (...bits: number[]) => new Uint8Array(Uint16Array.from(bits).buffer);
  assert.ok(areStoredFinite('F16', halves(0x7bff, 0xfbff, 0, 1)));
  for (const bits of [0x7c00, 0xfc00, 0x7e01]) assert.not.ok(areStoredFinite('F16', halves(0, bits)));
  for (const [type, bytes] of [
    ['Q8_0', 34],
    ['Q4_0', 18],
  ] as const) {
    const blocks = new Uint8Array(2 * bytes).fill(0x7f);
    blocks.set([0xff, 0x7b]);
    blocks.set([0xff, 0xfb], bytes);
    assert.ok(areStoredFinite(type, blocks));
    blocks.set([0, 0xfc], bytes);
    assert.not.ok(areStoredFinite(type, blocks));
  }
});

test.run();
