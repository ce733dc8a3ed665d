import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ADAPTER } from '../../../src/core/abi/adapter_struct.js';
import { BATCH, RUN } from '../../../src/core/abi/batch_struct.js';
import { LAYER, MATRIX, MODEL } from '../../../src/core/abi/model_struct.js';
import {
  fieldOffset,
  readStruct,
  type StructLayout,
  structBytes,
  writeStruct,
} from '../../../src/core/abi/struct.js';
import { CROSS, CROSS_LAYER, MEMORY } from '../../../src/core/cross/cross_struct.js';
import { ENCODER } from '../../../src/core/encoder/encoder_struct.js';
import { MUON, MUON_MATRIX } from '../../../src/core/training/muon.js';
import {
  CROSS_TRAINING,
  DROPOUT,
  PACKED_WEIGHTS,
  QUANTIZED_MATRIX,
  TRAINING,
  UPDATE,
} from '../../../src/core/training/structs.js';

/** Every structure that TypeScript writes for the core, by its class, and the file that declares it. */
const STRUCTS: readonly [name: string, file: string, layout: StructLayout][] = [
  ['Model', 'models/structs', MODEL],
  ['Layer', 'models/structs', LAYER],
  ['Matrix', 'models/structs', MATRIX],
  ['Adapter', 'models/structs', ADAPTER],
  ['Batch', 'models/structs', BATCH],
  ['Run', 'models/structs', RUN],
  ['Encoder', 'models/encoder', ENCODER],
  ['Memory', 'models/structs', MEMORY],
  ['Cross', 'models/structs', CROSS],
  ['CrossLayer', 'models/structs', CROSS_LAYER],
  ['Training', 'training/structs', TRAINING],
  ['CrossTraining', 'training/structs', CROSS_TRAINING],
  ['PackedWeights', 'training/structs', PACKED_WEIGHTS],
  ['QuantizedMatrix', 'training/structs', QUANTIZED_MATRIX],
  ['Dropout', 'training/dropout', DROPOUT],
  ['Update', 'training/adamw', UPDATE],
  ['Muon', 'training/muon/structs', MUON],
  ['MuonMatrix', 'training/muon/structs', MUON_MATRIX],
];

/** Compiles a program beside assembly/ and returns what it exports. */
async function compile(source: string): Promise<Record<string, () => number>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const read = (name: string, folder: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
  const { error, stderr } = await asc.main(
    [
      'program.ts',
      '--baseDir',
      'assembly',
      '--outFile',
      'program.wasm',
      '--enable',
      'simd',
      '--initialMemory',
      '1',
    ],
    {
      readFile: (name, folder) => (name === 'program.ts' ? source : read(name, folder)),
      writeFile: (_name, contents) => {
        binary = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  assert.is(error, null, stderr.toString().slice(0, 1000));
  const imports = { env: { abort: assert.unreachable } };
  const { instance } = await WebAssembly.instantiate(binary!, imports);
  return instance.exports as Record<string, () => number>;
}

test('the core reads each field at the place and with the type that TypeScript writes', async () => {
  const files = new Map<string, string[]>();
  const functions: string[] = [];
  for (const [name, file, layout] of STRUCTS) {
    files.set(file, [...(files.get(file) ?? []), name]);
    functions.push(`export function ${name}_bytes(): usize { return offsetof<${name}>(); }`);
    for (const field of Object.keys(layout)) {
      const isFloat = `isFloat(changetype<${name}>(0).${field})`;
      functions.push(
        `export function ${name}_${field}(): usize { return offsetof<${name}>('${field}'); }`,
        `export function ${name}_${field}_kind(): bool { return ${isFloat}; }`,
      );
    }
  }
  const imports = Array.from(files, ([file, names]) => `import { ${names.join(', ')} } from './${file}';`);
  const core = await compile([...imports, ...functions].join('\n'));
  for (const [name, , layout] of STRUCTS) {
    assert.is(core[`${name}_bytes`]!(), structBytes(layout), name);
    for (const [field, kind] of Object.entries(layout)) {
      assert.is(core[`${name}_${field}`]!(), fieldOffset(layout, field), `${name}.${field}`);
      assert.is(core[`${name}_${field}_kind`]!(), kind === 'f32' ? 1 : 0, `${name}.${field}`);
    }
  }
});

test('only the given fields are written', () => {
  const layout = { count: 'u32', scale: 'f32', place: 'u32' } as const;
  const view = new DataView(new ArrayBuffer(16));
  writeStruct(view, 4, layout, { count: 2 ** 32 - 1, scale: 0.5, place: 7 });
  writeStruct(view, 4, layout, { scale: -1.5 });
  assert.equal(readStruct(view, 4, layout), { count: 2 ** 32 - 1, scale: -1.5, place: 7 });
  assert.is(view.getUint32(0), 0);
});

test.run();
