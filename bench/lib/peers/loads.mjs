import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { modelFiles } from '../models/files.mjs';
import { output } from '../process.mjs';
import { summary } from '../stats.mjs';

const CHILD = fileURLToPath(new URL('measure_load.mjs', import.meta.url));
const REPEATS = 5;

/** Milliseconds that loading to q8 takes in a fresh process, from safetensors in F32 and from a q8 GGUF, in turn. */
export function measureLoads({ node }) {
  console.error('loading to q8 ...');
  const { folder, gguf } = modelFiles('q8');
  const sources = { safetensors: folder, ...(typeof gguf === 'string' && { gguf }) };
  const times = Object.fromEntries(Object.keys(sources).map((name) => [name, []]));
  for (let i = 0; i < REPEATS; i++) {
    for (const [name, path] of Object.entries(sources)) {
      times[name].push(Number(output(node, [CHILD, join(root, path)])));
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, summary(values)]));
}
