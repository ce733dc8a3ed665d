import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Parameter } from '../../src/architecture/gpt2/parameters.js';
import { instantiateCore } from '../../src/core/abi/exports.js';
import { compileCore } from '../../src/core/binary.js';
import { packedBytes } from '../../src/core/layout.js';
import { CoreMemory } from '../../src/core/memory.js';
import { Packer } from '../../src/core/packing/packer.js';
import { randomSource } from '../support/random.js';
import { BUILDS } from '../support/relaxed.js';

const random = randomSource(19);
const [N, K] = [37, 96];
const PARAMETER: Parameter = { name: 'matrix', kind: 'linear', shape: [N, K] };

for (const build of BUILDS) {
  test(`the blocks of a Q8_0 matrix are those of its q8 panels, ${build}`, async () => {
    // No block's largest weight is 127, so quantizing again would change the numbers.
    const rows = Uint8Array.from({ length: N * (K / 32) * 34 }, () => random.below(100) - 50);
    for (let block = 0; block < rows.length; block += 34) rows[block + 1] = 0x2c;
    const memory = new CoreMemory(2 ** 18, false);
    const core = await instantiateCore(await compileCore(build, false), memory.memory);
    memory.startAt(core.heapBase());
    const size = packedBytes(PARAMETER, 'q8');
    const panels = memory.reserve(size);
    const packer = new Packer(memory, core, 'q8', memory.reserve(rows.length), () => panels);
    const rowBytes = (K / 32) * 34;
    for (const [first, count] of [
      [0, 5],
      [5, 1],
      [6, 30],
      [36, 1],
    ] as const) {
      const part = rows.subarray(first * rowBytes, (first + count) * rowBytes);
      packer.pack(PARAMETER, first, count, part, 'Q8_0');
    }
    const packed = memory.bytes(panels, size);
    for (let n = 0; n < N; n++) {
      for (let b = 0; b < K / 32; b++) {
        const from = n * rowBytes + 34 * b;
        const block = (Math.floor(n / 16) * (K / 32) + b) * 544;
        const bytes = [packed[block + 2 * (n % 16)], packed[block + 2 * (n % 16) + 1]];
        for (let k = 0; k < 32; k++) {
          bytes.push(packed[block + 32 + 64 * Math.floor(k / 4) + 4 * (n % 16) + (k % 4)]);
        }
        assert.equal(bytes, [...rows.subarray(from, from + 34)], `row ${n}, block ${b}`);
      }
    }
  });
}

test('other types, formats and kinds of weights are not taken', async () => {
  const memory = new CoreMemory(2 ** 16, false);
  const core = await instantiateCore(await compileCore('simd', false), memory.memory);
  const q8 = new Packer(memory, core, 'q8', 0, () => 0);
  const f32 = new Packer(memory, core, 'f32', 0, () => 0);
  assert.ok(q8.takesBlocks(PARAMETER, 'Q8_0'));
  assert.not(q8.takesBlocks(PARAMETER, 'Q4_0'));
  assert.not(q8.takesBlocks({ ...PARAMETER, kind: 'rows' }, 'Q8_0'));
  assert.not(f32.takesBlocks(PARAMETER, 'Q8_0'));
});

test.run();
