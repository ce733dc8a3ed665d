// Node, Deno and Bun, in a project that has installed the package: uses each entry as a program does, and prints what
// must be the same everywhere as JSON. Nothing but the models' `dispose` lets the process end.
import { embeddedModel, Gpt2Error, loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import { Trainer } from 'gpt2-wasm/train';
import { embeddedCaptioner, loadCaptioner } from 'gpt2-wasm/vision';
import { createWorkerModel, Gpt2Error as SameError } from 'gpt2-wasm/worker';

const options = { maxTokens: 8, seed: 1 };
const told = {};
const model = await loadModel(embeddedModel, { build: 'simd' });
told.text = (await model.generate('Once upon a time', options)).text;
const { words } = await examine.examine(model, told.text);
told.words = words.length;

const worker = await createWorkerModel(embeddedModel, { build: 'simd', threads: 2 });
told.inWorker = (await worker.generate('Once upon a time', options)).text;
worker.dispose();

const handler = createHandler({ models: { stories: model } });
const body = JSON.stringify({ prompt: 'Once upon a time', max_tokens: 8, seed: 1 });
const request = new Request('http://localhost/v1/completions', { method: 'POST', body });
told.served = (await (await handler.fetch(request)).json()).choices[0].text;
await handler.close();

const captioner = await loadCaptioner(embeddedCaptioner, { build: 'simd' });
const pixels = { width: 72, height: 72, data: new Uint8Array(3 * 72 * 72).fill(200) };
told.caption = (await captioner.caption(pixels)).text;
captioner.dispose();

const config = { ...model.config, layers: 1, channels: 16, heads: 2, innerChannels: 16, contextLength: 16 };
const data = ['A dog saw a cat.', 'A cat saw a dog.'];
const trainer = await Trainer.create({
  ...{ config, data, tokenizer: model.tokenizer, steps: 2, batchSize: 1, learningRate: 1e-3 },
  ...{ build: 'simd', threads: 1 },
});
told.losses = [];
for await (const { loss } of trainer) told.losses.push(loss);
trainer.dispose();

model.dispose();
told.disposed = await model.generate('', options).catch(({ code }) => code);
told.errors = Gpt2Error === SameError;
const files = ['gpt2-wasm/wasm/simd.wasm', 'gpt2-wasm/model-worker', 'gpt2-wasm/package.json'];
told.files = files.map((name) => import.meta.resolve(name).split('node_modules/gpt2-wasm').length > 1);
console.log(JSON.stringify(told));
