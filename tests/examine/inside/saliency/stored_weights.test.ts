import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelParameters } from '../../../../src/architecture/gpt2/parameters.js';
import type { ModelCore } from '../../../../src/core/types.js';
import type { WeightFormat } from '../../../../src/dtypes/weight_formats.js';
import { passWeights } from '../../../../src/examine/inside/saliency/stored_weights.js';
import { loadedModels } from '../../../../src/generate/loaded_models.js';
import { loadModel } from '../../../../src/index.js';
import { insideModel } from '../../../support/inside_model.js';
import { shardedFiles } from '../../../support/small_model.js';

/** What is passed of a model, in the layout of a checkpoint: rows of [K, N]. */
async function passed(source: unknown, weights: WeightFormat): Promise<Map<string, Float32Array>> {
  const model = await loadModel(source as never, { build: 'simd', weights });
  const found = new Map<string, Float32Array>();
  await passWeights(
    loadedModels.get(model)!.core as ModelCore,
    {
      takesBlocks: () => false,
      pack({ name, kind, shape }, firstRow, rowCount, bytes, type) {
        assert.is(type, 'F32');
        const own = modelParameters(model.config).find((parameter) => parameter.name === name)!;
        const size = own.shape.reduce((product, length) => product * length);
        const values = found.get(name) ?? new Float32Array(size).fill(Number.NaN);
        found.set(name, values);
        const rows = new Float32Array(bytes.slice().buffer);
        const isTurned = own.kind === 'conv1d';
        assert.is(kind, isTurned ? 'linear' : own.kind);
        const columns = shape.at(-1)!;
        assert.is(rows.length, rowCount * columns);
        rows.forEach((value, i) => {
          const [row, column] = [firstRow + Math.floor(i / columns), i % columns];
          values[isTurned ? column * own.shape[1]! + row : row * columns + column] = value;
        });
      },
    },
    undefined,
  );
  assert.equal(
    [...found.keys()],
    modelParameters(model.config).map(({ name }) => name),
  );
  model.dispose();
  return found;
}

/** The tensors of safetensors files of 32-bit numbers, without `transformer.`. */
function tensorsOf(files: readonly Uint8Array[]): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const file of files) {
    const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
    for (const [name, { data_offsets: offsets }] of Object.entries<{ data_offsets: [number, number] }>(
      header,
    )) {
      if (name === '__metadata__') continue;
      const bytes = file.slice(start + offsets[0], start + offsets[1]);
      found.set(name.replace(/^transformer\./, ''), new Float32Array(bytes.buffer));
    }
  }
  return found;
}

const files = await shardedFiles();
const stored = tensorsOf(
  Object.entries(files)
    .filter(([name]) => name.endsWith('.safetensors'))
    .map(([, bytes]) => bytes),
);
const source = Object.entries(files).map(([name, bytes]) => new File([bytes as BlobPart], name));

test('weights in 32 bits are passed as they were loaded', async () => {
  const found = await passed(source, 'f32');
  assert.is(found.size, stored.size);
  for (const [name, values] of found) assert.equal(values, stored.get(name)!, name);
});

test('quantized weights are passed as those that they stand for', async () => {
  const exact = await passed(insideModel, 'f32');
  // A block's numbers are rounded to 255 or 16 steps of its largest one.
  for (const [weights, share] of [
    ['q8', 0.51 / 127],
    ['q4', 1.01 / 8],
  ] as const) {
    for (const [name, values] of await passed(insideModel, weights)) {
      const whole = exact.get(name)!;
      const largest = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const furthest = whole.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0);
      const isMatrix = /wte|(attn|mlp)\..*weight/.test(name);
      assert.ok(isMatrix ? furthest <= share * largest : furthest === 0, `${weights} ${name}: ${furthest}`);
      assert.ok(!isMatrix || furthest > 0, name);
    }
  }
});

test.run();
