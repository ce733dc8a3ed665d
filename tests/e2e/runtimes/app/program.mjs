// Node, Deno and Bun: program.mjs BUILD THREADS main|worker SOURCE INPUT prints the story of INPUT, a file, as JSON.
// SOURCE: "embedded" or a URL.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import { Trainer } from 'gpt2-wasm/train';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story/story.mjs';

const [build, threads, where, source, input] = process.argv.slice(2);
const isRemote = where === 'worker';
const loadFrom = isRemote ? createWorkerModel : loadModel;
const place = source === 'embedded' ? embeddedModel : source;
const chosen = { build, threads: Number(threads) };
const load = (options) => loadFrom(place, { ...chosen, ...options });
const createTrainer = isRemote ? undefined : (options) => Trainer.create({ ...chosen, ...options });
const story = await tellStory(
  { load, isRemote, examine, createHandler, createTrainer },
  JSON.parse(readFileSync(input, 'utf8')),
);
console.log(JSON.stringify(story));
