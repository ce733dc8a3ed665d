// Node, Deno and Bun: program.mjs BUILD THREADS main|worker SOURCE INPUT prints the story of INPUT, a file, as JSON.
// SOURCE: "embedded" or a URL.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story/story.mjs';

const [build, threads, where, source, input] = process.argv.slice(2);
const isRemote = where === 'worker';
const loadFrom = isRemote ? createWorkerModel : loadModel;
const load = (options) =>
  loadFrom(source === 'embedded' ? embeddedModel : source, { build, threads: Number(threads), ...options });
const story = await tellStory(
  { load, isRemote, examine, createHandler },
  JSON.parse(readFileSync(input, 'utf8')),
);
console.log(JSON.stringify(story));
