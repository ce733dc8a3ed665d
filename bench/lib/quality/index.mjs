// The cost of quantization: perplexity and distance from f32 on held-out text, for every build, weight format and format
// of keys and values.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { printMachine, table } from '../markdown.mjs';
import { WASM_RUNS } from '../peers/runs.mjs';
import { output } from '../process.mjs';

const CHILD = fileURLToPath(new URL('measure_quality.mjs', import.meta.url));
/** It is stored in F16; the weights of the embedded model, trained in 4 bits, lose nothing in any format. */
const STORIES_TINY = fileURLToPath(new URL('../../../tests/fixtures/stories-tiny/', import.meta.url));
const STORIES = fileURLToPath(new URL('../../texts/stories.valid.txt.gz', import.meta.url));

/** Relaxed SIMD is in Node 22 and newer. */
const NODE = '24';

/** How much perplexity may rise on stories-tiny. */
const TARGETS = { q8: 0.001, q4: 0.03 };

export function run({ node: major = NODE, model = STORIES_TINY, text = STORIES }) {
  const node = nodeProgram(major);
  const rows = [];
  for (const { build, weights, kvCache } of [...WASM_RUNS.map(withExactCache), ...cacheRuns()]) {
    console.error(`${build} build, ${weights}, keys and values in ${kvCache} ...`);
    const measured = JSON.parse(output(node, [CHILD, build, weights, kvCache, model, text]));
    rows.push({ build, weights, kvCache, ...measured });
  }
  return { machine: machine([nodeVersion(node)]), model, text, rows };
}

const withExactCache = (run) => ({ ...run, kvCache: 'f32' });

/** Runs with smaller formats of keys and values, beside weights of each format. */
function cacheRuns() {
  const runs = WASM_RUNS.filter(({ build }) => build === 'simd');
  return runs.flatMap((run) => ['f16', 'q8'].map((kvCache) => ({ ...run, kvCache })));
}

export function print({ machine, model, text, rows }) {
  printMachine(machine);
  table(
    `Quality of ${basename(model)} on ${basename(text)}, against f32 in the simd build`,
    [
      'build',
      'weights',
      'keys and values',
      'tokens',
      'perplexity',
      'change',
      'mean KL divergence, nats',
      'same top token',
      'target',
    ],
    rows.map(({ build, weights, kvCache, tokens, perplexity, reference, divergence, agreement }) => {
      const change = perplexity / reference - 1;
      const limit = TARGETS[weights];
      const outcome = limit === undefined ? '' : change <= limit ? 'reached' : 'missed';
      return [
        build,
        weights,
        kvCache,
        String(tokens),
        perplexity.toFixed(3),
        `${(100 * change).toFixed(3)} %`,
        divergence.toExponential(2),
        `${(100 * agreement).toFixed(2)} %`,
        limit === undefined ? '' : `within ${100 * limit} %: ${outcome}`,
      ];
    }),
  );
}
