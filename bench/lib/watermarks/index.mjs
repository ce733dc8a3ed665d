// Watermarks of the embedded model: how many marked texts are found at 1 % false alarms, also after changes, and what the
// watermark costs.
import { fileURLToPath } from 'node:url';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { printMachine, table } from '../markdown.mjs';
import { output } from '../process.mjs';

const CHILD = fileURLToPath(new URL('measure_watermark.mjs', import.meta.url));
const NODE = '24';

const WATERMARKS = {
  kgw: { kind: 'kgw' },
  'kgw, selfhash of 4': { kind: 'kgw', seedingScheme: 'selfhash', contextWidth: 4 },
  unigram: { kind: 'unigram' },
  synthid: { kind: 'synthid' },
};
const SAMPLING = {
  default: {},
  'temperature 1, topP 1': { temperature: 1, topP: 1 },
};

export function run({ node: major = NODE, only, texts }) {
  const node = nodeProgram(major);
  const rows = [];
  for (const [sampling, options] of Object.entries(SAMPLING)) {
    for (const [name, watermark] of Object.entries(WATERMARKS)) {
      if (!`${name}, ${sampling}`.includes(only)) continue;
      console.error(`${name}, ${sampling} ...`);
      const args = [CHILD, JSON.stringify(watermark), JSON.stringify(options), texts];
      rows.push({ name, sampling, ...JSON.parse(output(node, args)) });
    }
  }
  return { machine: machine([nodeVersion(node)]), rows };
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;

export function print({ machine, rows }) {
  printMachine(machine);
  table(
    'Marked texts of the embedded model that are found at 1 % false alarms',
    [
      'watermark',
      'sampling',
      'tokens',
      'found',
      '10 % of words changed',
      '30 % of words changed',
      'z at 1 % false alarms',
      'false alarms at p < 0.01',
    ],
    rows.flatMap(({ name, sampling, rows: lengths }) =>
      lengths.map(({ length, found, threshold, alarms }) => [
        name,
        sampling,
        String(length),
        ...Object.values(found).map(percent),
        threshold.toFixed(2),
        `${(100 * alarms).toFixed(1)} %`,
      ]),
    ),
  );
  table(
    'Cost of a watermark',
    ['watermark', 'sampling', 'texts', 'perplexity without', 'with', 'tokens/s without', 'with'],
    rows.map(({ name, sampling, texts, perplexity, tokensPerSecond }) => [
      name,
      sampling,
      String(texts),
      perplexity.plain.toFixed(3),
      perplexity.marked.toFixed(3),
      tokensPerSecond.plain.toFixed(0),
      tokensPerSecond.marked.toFixed(0),
    ]),
  );
}
