import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CROSS_LORA_TARGETS, LORA_TARGETS, type LoraAdapter } from '../../../src/architecture/gpt2/lora.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { loadModel } from '../../../src/model/load_model.js';
import { join as safetensors, split } from '../../checkpoints/support.js';
import { randomAdapter } from '../../support/adapters.js';
import { crossModel, crossResults } from '../../support/cross_model.js';
import { assertLogits } from '../../support/logits.js';
import { thrown } from '../../support/thrown.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-cross-adapters-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const { ids, states } = crossResults();
const inputs = { encoderStates: states };

/** The files of the model with an adapter's changes added to its matrices. */
function changedFiles({ pairs }: LoraAdapter): Record<string, Uint8Array> {
  const read = (file: string) => new Uint8Array(readFileSync(new URL(file, crossModel)));
  const { header, data } = split(read('model.safetensors'));
  const bytes = Uint8Array.from(data);
  for (const { name, K, N, rank, scale, a, b } of pairs.values()) {
    const [start, end] = header[`transformer.${name}`]!.data_offsets;
    const weights = new Float32Array(bytes.slice(start, end).buffer);
    for (let k = 0; k < K; k++) {
      for (let n = 0; n < N; n++) {
        for (let i = 0; i < rank; i++) weights[k * N + n]! += scale * a[i * K + k]! * b[n * rank + i]!;
      }
    }
    bytes.set(new Uint8Array(weights.buffer), start);
  }
  return { 'config.json': read('config.json'), 'model.safetensors': safetensors(header, bytes) };
}

test('adapters of attention to encoder states are merged, and refused beside the weights', async () => {
  const model = await loadModel(crossModel, { build: 'simd', threads: 1 });
  const targets = [...LORA_TARGETS, ...CROSS_LORA_TARGETS];
  const adapter = randomAdapter(model.config, 3, 2, targets);
  assert.is(adapter.pairs.size, 7 * model.config.layers);
  await writeAdapter(folderTarget(folder), adapter, 'cross');
  const merged = await loadModel(crossModel, { build: 'simd', threads: 1, adapters: [folder] });
  const right = await loadModel(changedFiles(adapter), { build: 'simd', threads: 1 });
  const logits = await merged.logits(ids, { inputs });
  assertLogits(logits, await right.logits(ids, { inputs }));
  assert.not.equal(logits, await model.logits(ids, { inputs }));
  await thrown(() => model.withAdapters([folder]), 'unsupported', 'crossattention.c_attn', 'loadModel');
  for (const one of [model, merged, right]) one.dispose();
});

test.run();
