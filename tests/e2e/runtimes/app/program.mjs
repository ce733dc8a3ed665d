// Node, Deno and Bun: program.mjs BUILD THREADS main|worker [URL] prints the story as JSON, and how pictures are described
// in the simd build.
import process from 'node:process';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import { embeddedCaptioner, loadCaptioner, loadWorkerCaptioner } from 'gpt2-wasm/vision';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { describePictures } from './captions.mjs';
import { drawing } from './drawing.mjs';
import { tellStory } from './story.mjs';

const [build, threads, where, source = embeddedModel] = process.argv.slice(2);
const load = where === 'worker' ? createWorkerModel : loadModel;
const model = await load(source, { build, threads: Number(threads) });
const story = await tellStory(model, codec);
model.dispose();
if (build === 'simd' && source === embeddedModel) {
  const loadVision = where === 'worker' ? loadWorkerCaptioner : loadCaptioner;
  const captioner = await loadVision(embeddedCaptioner, { build, threads: Number(threads) });
  story.described = await describePictures(captioner, drawing);
}
console.log(JSON.stringify(story));
