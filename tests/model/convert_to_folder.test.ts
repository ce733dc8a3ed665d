import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { readTensor } from '../../src/checkpoints/read_tensor.js';
import { decode } from '../../src/dtypes/decode.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import type { ModelSource } from '../../src/files/source.js';
import { convertToFolder } from '../../src/model/convert_to_folder.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import { logitsOf, modelFile } from '../checkpoints/gguf/models.js';
import { writeGguf } from '../checkpoints/gguf/writer.js';
import { checkpointFolder, decodeExpected } from '../support/checkpoints.js';
import { assertLogits } from '../support/logits.js';
import { memoryTarget } from '../support/memory_target.js';
import { memorySource } from '../support/sources.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const LLMC = fileURLToPath(new URL('../fixtures/llmc', import.meta.url));

async function converted(source: ModelSource) {
  const target = memoryTarget();
  let last = { loaded: 0, total: -1 };
  const result = await convertToFolder(source, target, { onProgress: (state) => (last = state) });
  assert.is(last.loaded, last.total);
  return { ...result, files: target.files, written: memorySource('written', target.files) };
}

/** Every number of a model, by parameter, in the order in which it is stored. */
async function numbersOf(source: ModelSource): Promise<Record<string, number[]>> {
  const numbers: Record<string, number[]> = {};
  await loadWeights(await openCheckpoint(source), {
    takesBlocks: () => false,
    pack({ name }, _first, _count, bytes, dtype) {
      const values = new Float32Array(bytes.length / (dtype === 'F32' ? 4 : 2));
      decode(dtype, bytes, values);
      numbers[name] = [...(numbers[name] ?? []), ...values];
    },
  });
  return numbers;
}

for (const version of ['v3/gpt2_tiny.bin', 'v5/gpt2_tiny_bf16.bin']) {
  test(`a folder from llm.c's ${version}: every logit is PyTorch's`, async () => {
    const { input_ids, logits } = decodeExpected(`${LLMC}/${version.slice(0, 2)}/expected.json`);
    const { written, warnings } = await converted(await folderSource(`${LLMC}/${version}`));
    assertLogits(await logitsOf(written, input_ids), logits);
    assert.match(warnings.join(), /no tokenizer/);
  });
}

test('a folder from a GGUF file has the numbers of the folder that it was made from', async () => {
  const gguf = memorySource('memory', { 'model.gguf': writeGguf(modelFile('base')) });
  const { written } = await converted(gguf);
  assert.equal(await numbersOf(written), await numbersOf(await folderSource(checkpointFolder('base'))));
});

test('fields of config.json and the tokenizer come along', async () => {
  const { files, written, warnings, byteLength } = await converted(await folderSource(storiesTiny));
  const tokenizer = await loadTokenizer(written);
  const text = 'Once upon a time';
  assert.equal(tokenizer.encode(text), (await loadTokenizer(storiesTiny)).encode(text));
  assert.equal(warnings, []);
  assert.ok(byteLength < files['model.safetensors']!.length);
});

test('heads for other tasks come along with their labels and architecture', async () => {
  const root = fileURLToPath(new URL('../fixtures/heads', import.meta.url));
  for (const name of ['sequence', 'token', 'question', 'double']) {
    const source = await folderSource(`${root}/${name}`);
    const { files, written } = await converted(source);
    const heads = async (from: ModelSource) => {
      const { source, taskHeads, json } = await openCheckpoint(from);
      const numbers: Record<string, number[]> = {};
      for (const tensor of taskHeads ?? []) {
        numbers[tensor.name] = [...(await readTensor(source, tensor, tensor.shape, 'itself', undefined))];
      }
      const { architectures, id2label } = json.config!;
      return { numbers, architectures, id2label };
    };
    const wanted = await heads(source);
    assert.ok(Object.keys(wanted.numbers).length > 0, name);
    assert.equal(await heads(written), wanted);
    assert.equal(await numbersOf(written), await numbersOf(source));
    assert.ok(files['model.safetensors']!.length > 0);
  }
});

test('a weight that is not finite is refused by name, and nothing is written', async () => {
  const file = modelFile('base');
  const { data } = file.tensors[3]!;
  new DataView(data.buffer, data.byteOffset).setFloat32(0, Number.NaN, true);
  const target = memoryTarget();
  const source = memorySource('memory', { 'model.gguf': writeGguf(file) });
  await thrown(
    () => convertToFolder(source, target, {}),
    'invalid-file',
    new RegExp(`${file.tensors[3]!.name}.* NaN or infinite`),
  );
  assert.equal(target.files, {});
});

test.run();
