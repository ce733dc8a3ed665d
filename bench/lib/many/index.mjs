// Many sequences of one model: at once, after many tokens, beside llama.cpp's slots, scored, and with speculation.

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { Limits } from '../limits/limits.mjs';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { randomModel } from '../models/random_model.mjs';
import { fail } from '../process.mjs';
import { wordPrompts } from '../prompts.mjs';
import { measureDepth } from './depth.mjs';
import { measureScoring } from './scoring.mjs';
import { measureSequences } from './sequences.mjs';
import { measureSlots } from './slots.mjs';
import { measureSpeculation } from './speculation.mjs';

export { print } from './report.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const NODE = '24';

const PARTS = {
  sequences: measureSequences,
  depth: measureDepth,
  slots: measureSlots,
  scoring: measureScoring,
  speculation: measureSpeculation,
};

export async function run({ node: major = NODE, formats, rounds = '3', only }) {
  const start = performance.now();
  const names = Object.keys(PARTS).filter((name) => name.includes(only));
  if (names.length === 0) fail(`there is no part ${only}: --only takes ${Object.keys(PARTS).join(', ')}`);
  const node = nodeProgram(major);
  const limits = await Limits.start({ node });
  const nextPrompt = await wordPrompts();
  const folder = relative(root, randomModel(CACHE));
  const options = { formats: formats.split(','), rounds: Number(rounds), node, folder, limits, nextPrompt };
  const parts = {};
  for (const name of names) parts[name] = await PARTS[name](options);
  await limits.sample();
  await limits.end();
  const minutes = (performance.now() - start) / 60_000;
  return {
    machine: machine([nodeVersion(node)], { peers: ['node-llama-cpp'] }),
    parts,
    limits: limits.summaries(),
    minutes,
  };
}
