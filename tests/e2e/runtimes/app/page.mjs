// Pages: the story in the page or in a worker, and, if `describes`, how pictures are described.
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import { embeddedCaptioner, loadCaptioner, loadWorkerCaptioner } from 'gpt2-wasm/vision';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { describePictures } from './captions.mjs';
import { drawing } from './drawing.mjs';
import { tellStory } from './story.mjs';

globalThis.run = async ({ build, threads, where, source = embeddedModel, captioner, describes }) => {
  const load = where === 'worker' ? createWorkerModel : loadModel;
  const model = await load(source, { build, threads });
  const story = await tellStory(model, codec);
  model.dispose();
  if (describes) {
    const loadVision = where === 'worker' ? loadWorkerCaptioner : loadCaptioner;
    const loaded = await loadVision(captioner ?? embeddedCaptioner, { build, threads });
    story.described = await describePictures(loaded, drawing);
  }
  return { ...story, isolated: crossOriginIsolated };
};
