import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMapper, loadModel } from '../../../src/index.js';
import { type Header, join, split } from '../../checkpoints/support.js';
import { insideModel } from '../../support/inside_model.js';
import { clipCapFile, randomTensors, transformerShapes } from '../../support/mappers.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { StorageWriter } from '../../support/torch_models.js';
import { legacyFile } from '../../support/torch_writer.js';

const fileOf = (name: string) => new Uint8Array(readFileSync(new URL(name, insideModel)));
const SHAPES = transformerShapes({ features: 6, channels: 32, made: 3, vectors: 4, layers: 1 });

const files = {
  'config.json': fileOf('config.json'),
  'model.safetensors': clipCapFile(fileOf('model.safetensors'), randomTensors(SHAPES, 5)),
};

test('one file of ClipCap gives the mapper and the GPT-2 that was trained with it', async () => {
  const source = memorySource('clipcap', files);
  const plain = await loadModel(insideModel, { build: 'simd' });
  const model = await loadModel(source, { build: 'simd' });
  assert.equal(await model.logits([1, 2, 3]), await plain.logits([1, 2, 3]));
  const mapper = await loadMapper(source, { model });
  assert.equal([mapper.features, mapper.vectors, mapper.channels], [6, 4, 32]);
  const embeddings = await mapper.map(Float32Array.of(1, -1, 0.5, 2, 0, 1));
  const prompt = { embeddings, text: [95, 60] };
  const sampling = { maxTokens: 6, temperature: 0, ignoreEos: true };
  const { tokens } = await model.generate(prompt, sampling);
  assert.is(tokens.length, 6);
  // Greedy: each token has the largest logit in the row before it.
  const rows = await model.logits({ embeddings, text: [95, 60, ...tokens] });
  const { vocabSize } = model.config;
  for (const [i, token] of tokens.entries()) {
    const row = rows.subarray((4 + 1 + i) * vocabSize, (4 + 2 + i) * vocabSize);
    assert.is(row.indexOf(Math.max(...row)), token);
  }
  mapper.dispose();
  model.dispose();
  plain.dispose();
});

test("a file of PyTorch, as ClipCap's authors publish them, is the same", async () => {
  const { header, data } = split(files['model.safetensors']);
  const writer = new StorageWriter('c');
  const tensors = Object.entries(header).map(
    ([
      name,
      {
        shape,
        data_offsets: [start, end],
      },
    ]) => {
      const values = [...new Float32Array(data.slice(start, end).buffer)];
      return [name, writer.tensor({ shape, values })] as const;
    },
  );
  const published = { 'config.json': files['config.json'], 'coco_weights.pt': legacyFile(new Map(tensors)) };
  const sources = [files, published].map((each) => memorySource('clipcap', each));
  const [safe, torch] = await Promise.all(
    sources.map(async (source) => {
      const model = await loadModel(source, { build: 'simd', threads: 1 });
      const mapper = await loadMapper(source, { model });
      const found = [await mapper.map(Float32Array.of(1, -1, 0.5, 2, 0, 1)), await model.logits([1, 2, 3])];
      mapper.dispose();
      model.dispose();
      return found;
    }),
  );
  assert.equal(torch, safe);
});

test('a mapper beside a model is ignored, but no other tensor', async () => {
  const { header, data } = split(files['model.safetensors']);
  const renamed = (from: string, to: string) =>
    Object.fromEntries(Object.entries(header).map(([name, entry]) => [name.replace(from, to), entry]));
  const load = (changed: Header) =>
    loadModel(memorySource('clipcap', { ...files, 'model.safetensors': join(changed, data) }));
  await thrown(() => load(renamed('clip_project.', 'project.')), 'unsupported', 'which is no part of GPT-2');
  await thrown(
    () => load(renamed('gpt.transformer.wte', 'gpt.gpt.transformer.wte')),
    'unsupported',
    'gpt.gpt.',
  );
  await thrown(
    () => loadMapper(memorySource('model', { 'model.safetensors': fileOf('model.safetensors') })),
    'not-found',
    'no mapper of ClipCap',
  );
});

test.run();
