// Node, Deno and Bun: program.mjs BUILD THREADS main|worker [URL] prints the story as JSON.
import process from 'node:process';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story.mjs';

const [build, threads, where, source = embeddedModel] = process.argv.slice(2);
const load = where === 'worker' ? createWorkerModel : loadModel;
const model = await load(source, { build, threads: Number(threads) });
const story = await tellStory(model, codec);
model.dispose();
console.log(JSON.stringify(story));
