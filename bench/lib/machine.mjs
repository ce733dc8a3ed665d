import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CHROMIUM } from './hosts/chromium_program.mjs';
import { fail, output } from './process.mjs';

const packageOf = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/**
 * The machine and the software of the measurements. `peers` are the names of packages in `bench/node_modules` that take part;
 * `inChromium` says if pages do.
 */
export function machine(nodeVersions, { peers = [], inChromium = false } = {}) {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: nodeVersions,
    chromium: inChromium ? output(CHROMIUM, ['--version']).trim() : undefined,
    version: packageOf('../../package.json').version,
    peers: peers.map((name) => `${name} ${packageOf(`../node_modules/${name}/package.json`).version}`),
  };
}

/** The node program of a major version: this one, or the one that bench/package.json brings (Linux on x64). */
export function nodeProgram(major) {
  if (major === process.versions.node.split('.')[0]) return process.execPath;
  const program = fileURLToPath(new URL(`../node_modules/node-${major}/bin/node`, import.meta.url));
  if (!existsSync(program))
    fail(`Node ${major} is not here: --node takes 20, 22, 24 and 26, on Linux on x64`);
  return program;
}

export function nodeVersion(program) {
  return output(program, ['--version']).trim();
}
