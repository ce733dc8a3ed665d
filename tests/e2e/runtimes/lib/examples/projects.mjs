import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { here, installPackage } from '../app.mjs';

const NAMES = [
  ...['node-server', 'browser', 'vite', 'cloudflare-worker', 'adventure'],
  ...['captions', 'sounds', 'video-captions'],
];

/** Folder beside the runtimes, so that an example finds Vite as if it had installed it. */
const FOLDER = here('.cache/examples');

export const projectFolder = (name) => join(FOLDER, name);

/** Copies the examples and installs the current package, packed, in each. */
export function copyExamples() {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const name of NAMES)
    cpSync(here(`../../../examples/${name}`), projectFolder(name), { recursive: true });
  installPackage(NAMES.map(projectFolder));
}

/** The installed package. */
export const installedPackage = () =>
  import(pathToFileURL(join(projectFolder('node-server'), 'node_modules/gpt2-wasm/build/esm/index.js')).href);

/** The text that Node generates with the installed package. */
export async function textOfNode(source, loadOptions, prompt, options) {
  const { embeddedModel, loadModel } = await installedPackage();
  const model = await loadModel(source ?? embeddedModel, loadOptions);
  try {
    return (await model.generate(prompt, options)).text;
  } finally {
    model.dispose();
  }
}

/** Starts a script that prints its address to stderr. Gives the address and a function that ends it. */
export async function startServer(name, script) {
  const child = spawn(process.execPath, [script], {
    cwd: projectFolder(name),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill();
    });
  let said = '';
  for await (const chunk of child.stderr) {
    said += chunk;
    const [url] = /http:\/\/\S+/.exec(said) ?? [];
    if (url !== undefined) return { url, stop };
  }
  throw new Error(`${script} of ${name} ended: ${said}`);
}

/** The data of the server-sent events of an answer, in order. */
export function eventData(text) {
  return Array.from(text.matchAll(/^data: (.*)$/gm), ([, data]) => data);
}
