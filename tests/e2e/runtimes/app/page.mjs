// Pages: the story in the page or in a worker.
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import { Trainer } from 'gpt2-wasm/train';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story/story.mjs';

globalThis.run = async ({ build, threads, where, source = embeddedModel, input }) => {
  const isRemote = where === 'worker';
  const loadFrom = isRemote ? createWorkerModel : loadModel;
  const load = (options) => loadFrom(source, { build, threads, ...options });
  const createTrainer = isRemote ? undefined : (options) => Trainer.create({ build, threads, ...options });
  const story = await tellStory({ load, isRemote, examine, createHandler, createTrainer }, input);
  return { ...story, isolated: crossOriginIsolated };
};
