import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  convertModel,
  embeddedModel,
  inspectModel,
  type LoadModelOptions,
  loadModel,
  type Source,
} from '../../src/index.js';
import { writeAdapter } from '../../src/train.js';
import { createWorkerModel } from '../../src/worker.js';
import { modelMetadata, modelTensors } from '../checkpoints/gguf/models.js';
import { typed, writeGguf } from '../checkpoints/gguf/writer.js';
import { randomAdapter } from '../support/adapters.js';
import { serveFiles } from '../support/file_server.js';
import { memoryTarget } from '../support/memory_target.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const models = fileURLToPath(new URL('../../models', import.meta.url));
const bytes = () => new Uint8Array(readFileSync(embeddedModel));

async function formatOf(source: Source, options: LoadModelOptions = {}): Promise<string> {
  const model = await loadModel(source, options);
  const { weights } = model.runtime;
  model.dispose();
  return weights;
}

/** A small model whose metadata names a format. */
function naming(format: string): Uint8Array<ArrayBuffer> {
  const metadata = [...modelMetadata('base'), ['gpt2_wasm.weights', typed('string', format)] as const];
  return new Uint8Array(writeGguf({ metadata, tensors: modelTensors('base') }));
}

test('the embedded model runs in q4 from wherever it comes, unless weights says otherwise', async () => {
  const server = await serveFiles(models);
  const folder = `${models}/stories`;
  const sources = [
    ...[embeddedModel, embeddedModel.href, `${folder}/stories.gguf`, folder, bytes(), new Blob([bytes()])],
    `${server.url}/stories/stories.gguf`,
  ];
  try {
    for (const source of sources) assert.is(await formatOf(source), 'q4', String(source).slice(0, 80));
  } finally {
    await server.close();
  }
  for (const weights of ['f32', 'q8', 'q4'] as const)
    assert.is(await formatOf(embeddedModel, { weights }), weights);
  assert.is(await formatOf(embeddedModel, { weights: undefined }), 'q4');
});

const fakeWorker = fakeWorkers(test);
test('it does so in a worker', async () => {
  for (const weights of [undefined, 'q8'] as const) {
    const { worker } = fakeWorker();
    const model = await createWorkerModel(embeddedModel, { weights, worker });
    assert.is(model.runtime.weights, weights ?? 'q4');
    model.dispose();
  }
});

test('with adapters in its weights, which 4 bits would round, it runs in f32', async () => {
  const { config } = await inspectModel(embeddedModel);
  const target = memoryTarget();
  await writeAdapter(target, randomAdapter(config, 1, 2, ['attn.c_attn']), 'stories');
  await target.commit();
  const adapter = Object.fromEntries(
    Object.entries(target.files).map(([path, file]) => [path, new Uint8Array(file)]),
  );
  assert.is(await formatOf(embeddedModel, { adapters: [adapter] }), 'f32');
  assert.is(await formatOf(embeddedModel, { adapters: [adapter], weights: 'q4' }), 'q4');
  assert.is(await formatOf(embeddedModel, { adapters: [] }), 'q4');
});

test('what it needs is estimated for q4', async () => {
  const { memory, weights } = await inspectModel(embeddedModel);
  assert.is(weights, 'q4');
  assert.equal(memory, (await inspectModel(embeddedModel, { weights: 'q4' })).memory);
  assert.ok(memory.weights < (await inspectModel(embeddedModel, { weights: 'f32' })).memory.weights / 4);
});

test('any other model runs in f32, in whatever format it is stored', async () => {
  assert.is(await formatOf(storiesTiny), 'f32');
  for (const weights of ['f16', 'q8', 'q4'] as const) {
    const parts: Uint8Array[] = [];
    for await (const part of (await convertModel(embeddedModel, { weights, name: 'mine' })).bytes()) {
      parts.push(part.slice());
    }
    assert.is(await formatOf(await new Blob(parts as never).arrayBuffer()), 'f32', weights);
  }
});

test('a GGUF file may name the format that it is made for, and no other word', async () => {
  for (const format of ['f32', 'q8', 'q4']) assert.is(await formatOf({ 'm.gguf': naming(format) }), format);
  for (const call of [loadModel, inspectModel]) {
    const error = await thrown(
      () => call({ 'm.gguf': naming('q2') }),
      'invalid-file',
      /gpt2_wasm\.weights is "q2"/,
    );
    assert.match(error.message, 'f32, q8, q4');
  }
});

test.run();
