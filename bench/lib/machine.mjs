import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One line each on what the figures were taken on. */
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
  return fileURLToPath(new URL(`../node_modules/node-${major}/bin/node`, import.meta.url));
}
