import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS } from '../../../src/architecture/gpt2/lora.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import type { ModelSource } from '../../../src/files/source.js';
import { convertModel, inspectModel, loadModel } from '../../../src/index.js';
import { randomAdapter } from '../../support/adapters.js';
import { checkpointFolder, expectedOf } from '../../support/checkpoints.js';
import { relativeError } from '../../support/logits.js';
import { assertSame, ggufSource, modelFile, type TypeOf } from './models.js';
import { concat, TENSOR_TYPES, type TensorType, writeGguf } from './writer.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-gguf-adapters-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const BASE = checkpointFolder('wide-head');
const { input_ids: IDS } = expectedOf('wide-head');
const { config } = await inspectModel(BASE);
const adapters = [1, 2].map((seed) => join(folder, String(seed)));
for (const [i, path] of adapters.entries()) {
  await writeAdapter(folderTarget(path), randomAdapter(config, i, 2 + i, LORA_TARGETS), null);
}
/** Two adapters, the second with a weight below 1. */
const CHOSEN = [adapters[0]!, { source: adapters[1]!, weight: -0.5 }];

/** The fixture as a GGUF file, whose matrices are [out, in]. */
function ggufOf(type: TensorType): ModelSource {
  const typeOf: TypeOf = (_name, shape) =>
    shape.length === 2 && shape[1]! % TENSOR_TYPES[type].weights === 0 ? type : 'F32';
  return ggufSource(writeGguf(modelFile('wide-head', typeOf)));
}

async function logits(
  source: string | ModelSource,
  weights: WeightFormat,
  chosen?: typeof CHOSEN,
): Promise<Float32Array> {
  const options = { build: 'simd', threads: 1, weights } as const;
  const model = await loadModel(source, { ...options, ...(chosen && { adapters: chosen }) });
  const got = await model.logits(IDS);
  model.dispose();
  return got;
}

test('adapters merge into a GGUF file as into a folder', async () => {
  const got = await logits(ggufOf('F32'), 'f32', CHOSEN);
  assert.ok(relativeError(got, await logits(BASE, 'f32', CHOSEN)) < 1e-5);
  assert.ok(relativeError(got, await logits(BASE, 'f32')) > 0.1, 'they change something');
});

for (const [weights, type, loaded] of [
  ['f16', 'F16', 'f32'],
  ['q8', 'Q8_0', 'q8'],
  ['q4', 'Q4_0', 'q4'],
] as const) {
  test(`a ${type} file is converted to ${weights} with adapters: it is not copied`, async () => {
    const source = ggufOf(type);
    const file = await convertModel(source, { weights, adapters: CHOSEN });
    const parts: Uint8Array[] = [];
    for await (const part of file.bytes()) parts.push(part);
    const got = await logits(ggufSource(concat(parts)), loaded);
    const wanted = await logits(source, loaded, CHOSEN);
    if (weights === 'f16') assert.ok(relativeError(got, wanted) < 5e-3);
    else assertSame(got, wanted);
    assert.ok(relativeError(got, await logits(source, loaded)) > 0.1, 'they change something');
  });
}

test.run();
