import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Parameter, rowGroup } from '../../../src/architecture/gpt2/parameters.js';
import { READ_CHUNK_BYTES } from '../../../src/checkpoints/load_weights.js';
import { instantiateCore } from '../../../src/core/abi/exports.js';
import { compileCore } from '../../../src/core/binary.js';
import { packedBytes } from '../../../src/core/layout.js';
import { CoreMemory } from '../../../src/core/memory.js';
import { Packer, stagingBytes } from '../../../src/core/packing/packer.js';
import { WEIGHT_FORMATS } from '../../../src/dtypes/weight_formats.js';

/** Parameters that are read whole, by rows, and by groups that are longer than a chunk of a read. */
const PARAMETERS: readonly Parameter[] = [
  { name: 'vector', kind: 'vector', shape: [1000] },
  { name: 'rows', kind: 'rows', shape: [130, 72] },
  { name: 'linear', kind: 'linear', shape: [2100, 1024] },
  { name: 'conv1d', kind: 'conv1d', shape: [96, 40_000] },
];

for (const parameter of PARAMETERS) {
  for (const type of ['F32', 'F16', 'BF16'] as const) {
    test(`${parameter.name} in ${type}: packing stays in its staging and in its place`, async () => {
      for (const weights of WEIGHT_FORMATS) {
        const memory = new CoreMemory(65536, false);
        const core = await instantiateCore(await compileCore('simd', false), memory.memory);
        memory.startAt(core.heapBase());
        const staging = memory.reserve(stagingBytes([parameter]));
        const guard = memory.reserve(64);
        const place = memory.reserve(packedBytes(parameter, weights));
        const end = memory.reserve(64);
        for (const at of [guard, end]) memory.bytes(at, 64).fill(0xa5);
        const packer = new Packer(memory, core, weights, staging, () => place);
        const rows = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
        const rowBytes = parameter.shape.at(-1)! * (type === 'F32' ? 4 : 2);
        const group = rowGroup(parameter.kind);
        const most = Math.max(group, Math.floor(READ_CHUNK_BYTES / rowBytes / group) * group);
        for (let row = 0; row < rows; row += most) {
          const count = Math.min(most, rows - row);
          packer.pack(parameter, row, count, new Uint8Array(count * rowBytes).fill(0x3c), type);
        }
        for (const at of [guard, end]) {
          assert.ok(
            memory.bytes(at, 64).every((byte) => byte === 0xa5),
            `${weights}, ${at}`,
          );
        }
      }
    });
  }
}

test.run();
