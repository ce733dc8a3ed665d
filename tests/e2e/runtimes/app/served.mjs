// Node, Deno and Bun: served.mjs INPUT prints the answers of a handler to requests that the seed of INPUT, a file,
// gives; through the runtime's own server if it has one for web standards.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import { createHandler } from 'gpt2-wasm/server';
import { tellAnswers } from './story/story.mjs';

const { Bun, Deno } = globalThis;
const { fetch: answer } = createHandler({
  models: { stories: await loadModel(embeddedModel, { build: 'simd' }) },
});
const hostname = '127.0.0.1';
let port;
if (Deno) ({ port } = Deno.serve({ hostname, port: 0, onListen: () => {} }, answer).addr);
else if (Bun) ({ port } = Bun.serve({ hostname, port: 0, fetch: answer }));

const ask = (path, init) =>
  port === undefined
    ? answer(new Request(`http://${hostname}${path}`, init))
    : fetch(`http://${hostname}:${port}${path}`, init);
console.log(JSON.stringify(await tellAnswers(ask, JSON.parse(readFileSync(process.argv[2], 'utf8')))));
// A server of this process still listens.
process.exit();
