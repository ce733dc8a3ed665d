// gpt2-wasm alone: its speed against the machine's limits, the masks of formats, and its tokenizer beside others.
import { fileURLToPath } from 'node:url';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { randomModel } from '../models/random_model.mjs';
import { WASM_RUNS } from '../peers/runs.mjs';
import { output } from '../process.mjs';

export { print } from './report.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export function run({ node: majors = process.versions.node.split('.')[0], repeats, text }) {
  const folder = randomModel(here('../../.cache'));
  const report = { models: [], masks: [], tokenizers: [] };
  const versions = [];
  for (const major of majors.split(',')) {
    const node = nodeProgram(major);
    const version = nodeVersion(node);
    versions.push(version);
    for (const { build, weights } of WASM_RUNS) {
      console.error(`Node ${version}, ${build} build, ${weights} ...`);
      const args = [here('measure_model.mjs'), build, weights, folder, repeats];
      const line = output(node, args, { maySkip: true });
      if (line !== undefined) report.models.push({ node: version, ...JSON.parse(line) });
    }
    console.error(`Node ${version}, masks of formats ...`);
    for (const row of JSON.parse(output(node, [here('measure_masks.mjs'), repeats]))) {
      report.masks.push({ node: version, ...row });
    }
    console.error(`Node ${version}, tokenizers ...`);
    const file = text === undefined ? [] : [text];
    const rows = JSON.parse(output(node, [here('measure_tokenizers.mjs'), repeats, ...file]));
    for (const row of rows) report.tokenizers.push({ node: version, ...row });
  }
  return { ...report, machine: machine(versions, { peers: ['gpt-tokenizer', 'js-tiktoken'] }) };
}
