/** A program in TypeScript that uses all entries. */
export const TYPED_PROGRAM = `import { type Completion, embeddedModel, type GenerateOptions, Gpt2Error, loadModel } from 'gpt2-wasm';
import { compress, examine } from 'gpt2-wasm/examine';
import { createHandler, type Handler } from 'gpt2-wasm/server';
import { Trainer } from 'gpt2-wasm/train';
import { embeddedCaptioner, loadCaptioner } from 'gpt2-wasm/vision';
import binary from 'gpt2-wasm/wasm/simd.wasm';
import { createWorkerModel } from 'gpt2-wasm/worker';

const options: GenerateOptions = { maxTokens: 3 };
const model = await loadModel(embeddedModel, { build: 'simd' });
const completion: Completion = await model.generate('text', options);
const handler: Handler = createHandler({ models: { model } });
const worker = await createWorkerModel(embeddedModel, { module: binary });
const trainer = await Trainer.create({ model: embeddedModel, data: ['text'], steps: 1 });
const captioner = await loadCaptioner(embeddedCaptioner);
// @ts-expect-error: a wrong option name is a type error
await model.generate('text', { maxToken: 3 });

export { captioner, completion, compress, examine, Gpt2Error, handler, trainer, worker };
`;
