// Runs modules one after the other in this process: node run_modules.mjs FILE=PLACE ...
// A module that throws ends the process; what it threw is printed after its place, `page:line`.
import { pathToFileURL } from 'node:url';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import { loadCaptioner } from 'gpt2-wasm/vision';

let shared;
/** `model` of the blocks that do not load one. */
globalThis.sharedModel = () => {
  shared ??= loadModel(embeddedModel);
  return shared;
};

let captioner;
/** `captioner` of the blocks that do not load one. */
globalThis.sharedCaptioner = () => {
  captioner ??= loadCaptioner('./vit-gpt2');
  return captioner;
};

let place = '';
const fail = (error) => {
  console.error(`${place} ${error?.stack ?? error}`);
  process.exit(1);
};
process.on('uncaughtException', fail);

for (const argument of process.argv.slice(2)) {
  const at = argument.indexOf('=');
  place = argument.slice(at + 1);
  await import(pathToFileURL(argument.slice(0, at)).href).catch(fail);
}
