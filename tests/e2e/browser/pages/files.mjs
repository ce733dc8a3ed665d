import * as examine from '../../../../build/web/examine.js';
import { loadModel } from '../../../../build/web/index.js';
import { createWorkerModel } from '../../../../build/web/worker.js';
import { tellStory } from '../../runtimes/story/story.mjs';

const NAMES = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'];

/** Loads the model from the FileList of an <input>, here or in a worker. */
export async function run({ inWorker, input: drawn }) {
  const chosen = new DataTransfer();
  for (const name of NAMES) {
    const bytes = await (await fetch(`/tests/fixtures/stories-tiny/${name}`)).arrayBuffer();
    chosen.items.add(new File([bytes], name));
  }
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.files = chosen.files;
  const loadFrom = inWorker ? createWorkerModel : loadModel;
  const load = (options) => loadFrom(input.files, { build: 'simd', ...options });
  const story = await tellStory({ load, isRemote: inWorker, examine }, drawn);
  return { ...story, isolated: crossOriginIsolated };
}
