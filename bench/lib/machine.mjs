import { existsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fail, output } from './process.mjs';

/** One line each about the machine and the software of the measurements. */
export function machine(nodeVersions) {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: nodeVersions,
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
