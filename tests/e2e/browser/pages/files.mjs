import * as codec from '../../../../build/web/examine.js';
import { loadModel } from '../../../../build/web/index.js';
import { createWorkerModel } from '../../../../build/web/worker.js';
import { tellStory } from '../../runtimes/story.mjs';

const NAMES = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'];

/** Loads the model from the FileList of an <input>, here or in a worker. */
export async function run({ inWorker }) {
  const chosen = new DataTransfer();
  for (const name of NAMES) {
    const bytes = await (await fetch(`/tests/fixtures/stories-tiny/${name}`)).arrayBuffer();
    chosen.items.add(new File([bytes], name));
  }
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.files = chosen.files;
  const load = inWorker ? createWorkerModel : loadModel;
  const model = await load(input.files, { build: 'simd' });
  const story = await tellStory(model, codec);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
}
