import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import { READ_CHUNK_BYTES } from '../../../src/checkpoints/load_weights.js';
import { AdapterSum } from '../../../src/checkpoints/peft/adapter_sum.js';
import { Dora } from '../../../src/checkpoints/peft/changes/dora.js';
import { MergingLoader } from '../../../src/checkpoints/peft/merging_loader.js';

test('a matrix that is merged whole is passed in chunks of whole row groups', () => {
  const [K, N] = [1056, 1100];
  const name = 'h.0.mlp.c_fc.weight';
  const parameter: Parameter = { name, kind: 'conv1d', shape: [K, N] };
  const a = new Float32Array(K).fill(0);
  const pair = { name, K, N, rank: 1, scale: 1, a, b: new Float32Array(N) };
  const change = new Dora(pair, new Float32Array(N).fill(Math.sqrt(K)), false);
  const sum = new AdapterSum([
    { adapter: { pairs: new Map(), others: new Map([[name, [change]]]) }, weight: 1 },
  ]);
  let row = 0;
  const loader = new MergingLoader(
    {
      takesBlocks: () => false,
      pack(_, firstRow, rowCount, bytes, type) {
        assert.equal([firstRow, type, bytes.length], [row, 'F32', 4 * rowCount * N]);
        assert.ok(bytes.length <= READ_CHUNK_BYTES);
        assert.ok(rowCount % 32 === 0 || firstRow + rowCount === K);
        // Columns of the same number get the length that their squares sum up to K, so each number is 1.
        const values = new Float32Array(bytes.slice().buffer);
        assert.ok(values.every((value) => Math.abs(value - 1) < 1e-6));
        row += rowCount;
      },
    },
    sum,
  );
  const rows = 352;
  const bytes = new Uint8Array(new Float32Array(rows * N).fill(7).buffer);
  for (let first = 0; first < K; first += rows) loader.pack(parameter, first, rows, bytes, 'F32');
  assert.is(row, K);
});

test.run();
