// Pages: the story in the page or in a worker.
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story.mjs';

globalThis.run = async (build, threads, where, source = embeddedModel) => {
  const load = where === 'worker' ? createWorkerModel : loadModel;
  const model = await load(source, { build, threads });
  const story = await tellStory(model, codec);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
};
