import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import { readSteeringVector, type SteeringVector, writeSteeringVector } from '../../../../src/examine.js';
import { holds } from '../../../support/property.js';
import { thrown } from '../../../support/thrown.js';

const VECTOR: SteeringVector = {
  hook: 'blocks.6.hook_resid_post',
  vector: Float32Array.of(3, 0, -4),
  norm: 5,
  residualNorm: 17.25,
  position: 'mean',
  positive: 3,
  negative: 12,
};

/** A file with this header and these bytes. */
function fileOf(header: object, bytes = 12): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const METADATA = {
  format: 'gpt2-wasm steering vector',
  position: 'last',
  residualNorm: '1',
  positive: '1',
  negative: '1',
};
const TENSOR = { dtype: 'F32', shape: [3], data_offsets: [0, 12] };
const HEADER = { __metadata__: METADATA, [VECTOR.hook]: TENSOR };

test('a vector that is written is read as it was', async () => {
  await holds(
    'vectors',
    fc.record({
      layer: fc.integer({ min: 0, max: 99 }),
      vector: fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 50 }),
      position: fc.constantFrom('last' as const, 'mean' as const),
      residualNorm: fc.double({ min: 0, max: 1e30, noNaN: true }),
      positive: fc.integer({ min: 1, max: 1e6 }),
    }),
    async ({ layer, vector, ...rest }) => {
      const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
      const own = {
        hook: `blocks.${layer}.hook_resid_post`,
        vector: vector.slice(),
        norm,
        negative: 2,
        ...rest,
      };
      const file = await writeSteeringVector(own);
      assert.is(file.length % 4, 0);
      assert.equal(await readSteeringVector(file), own);
      // Also at an odd address.
      const moved = new Uint8Array(file.length + 1);
      moved.set(file, 1);
      assert.equal(await readSteeringVector(moved.subarray(1)), own);
    },
    50,
  );
});

test('the file is a safetensors file with one tensor, named as the hook', async () => {
  const file = await writeSteeringVector(VECTOR);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  assert.equal(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))), {
    __metadata__: {
      format: 'gpt2-wasm steering vector',
      ...{ position: 'mean', residualNorm: '17.25', positive: '3', negative: '12' },
    },
    [VECTOR.hook]: { dtype: 'F32', shape: [3], data_offsets: [0, 12] },
  });
});

test('other and damaged files are refused', async () => {
  assert.equal([...(await readSteeringVector(fileOf(HEADER))).vector], [0, 0, 0]);
  const { format, ...unnamed } = METADATA;
  const wrong = [
    new Uint8Array(0),
    new Uint8Array(7),
    new Uint8Array(100),
    new Uint8Array(2 ** 22 + 1),
    fileOf({}, 0),
    fileOf([], 0),
    fileOf({ [VECTOR.hook]: TENSOR }),
    fileOf({ __metadata__: { ...unnamed }, [VECTOR.hook]: TENSOR }),
    fileOf({ __metadata__: METADATA }, 0),
    fileOf({ __metadata__: METADATA, 'wte.weight': TENSOR }),
    fileOf({ __metadata__: METADATA, [VECTOR.hook]: { ...TENSOR, dtype: 'I32' } }),
    fileOf({ __metadata__: METADATA, [VECTOR.hook]: { ...TENSOR, shape: [0], data_offsets: [0, 0] } }, 0),
    fileOf({ ...HEADER, 'blocks.7.hook_resid_post': { ...TENSOR, data_offsets: [12, 24] } }, 24),
    ...[
      { position: 'first' },
      { residualNorm: '-1' },
      { residualNorm: 'x' },
      { positive: '0.5' },
      { negative: '' },
    ].map((change) => fileOf({ __metadata__: { ...METADATA, ...change }, [VECTOR.hook]: TENSOR })),
  ];
  for (const file of wrong) await thrown(() => readSteeringVector(file), 'invalid-file');
  const infinite = fileOf(HEADER);
  new DataView(infinite.buffer).setFloat32(infinite.length - 4, Number.POSITIVE_INFINITY, true);
  await thrown(() => readSteeringVector(infinite), 'invalid-file');
  for (const file of [undefined, 'x', {}, [1]]) {
    await thrown(() => readSteeringVector(file as never), 'invalid-option');
  }
  await thrown(() => writeSteeringVector({ ...VECTOR, positive: 0 }), 'invalid-option');
});

test('a file with changed bytes is read or refused', async () => {
  const file = await writeSteeringVector(VECTOR);
  await holds(
    'changed bytes',
    fc.tuple(fc.nat(file.length - 1), fc.nat(255)),
    async ([place, byte]) => {
      const changed = file.slice();
      changed[place] = byte;
      try {
        const { vector, norm } = await readSteeringVector(changed);
        assert.ok(Number.isFinite(norm) && vector.every(Number.isFinite));
      } catch (error) {
        assert.instance(error, Gpt2Error);
        assert.is((error as Gpt2Error).code, 'invalid-file');
      }
    },
    200,
  );
});

test.run();
