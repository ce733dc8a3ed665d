// One build in one process: measure_model.mjs BUILD FOLDER REPEATS -> a JSON line.
import { loadModel, loadTokenizer } from '../../build/esm/index.js';
import { Peaks } from './peaks.mjs';
import { summary } from './stats.mjs';

const PROMPT_TOKENS = 512;
const SHORT_PROMPT = 32;
const DECODED_TOKENS = 128;

const [build, folder, repeats] = process.argv.slice(2);

const tokenizer = await loadTokenizer(new URL('../../tests/fixtures/gpt2-tokenizer/', import.meta.url));
const loadStart = performance.now();
const model = await loadModel(folder, { build, tokenizer });
const loadMs = performance.now() - loadStart;
const loadedMegabytes = process.resourceUsage().maxRSS / 1024;

const { channels, innerChannels, layers, vocabSize } = model.config;
const layerWeights = layers * (4 * channels * channels + 2 * channels * innerChannels);
const promptFlops = 2 * layerWeights;
const decodeBytes = 4 * (layerWeights + vocabSize * channels);

const ids = Array.from({ length: PROMPT_TOKENS }, (_, i) => (i * 7919) % vocabSize);
const prompt = () => model.generate(ids, { maxTokens: 1, temperature: 0, ignoreEos: true });
const decode = () =>
  model.generate(ids.slice(0, SHORT_PROMPT), { maxTokens: DECODED_TOKENS, temperature: 0, ignoreEos: true });

await prompt();
await decode();
const peakMegabytes = process.resourceUsage().maxRSS / 1024;

// Peaks are taken beside each measurement: on a shared machine both change together.
const peaks = new Peaks(build);
const rows = [];
for (let i = 0; i < Number(repeats); i++) {
  const multiplyAdd = peaks.multiplyAdd();
  const promptSpeed = (await prompt()).timings.promptTokensPerSecond;
  const read = peaks.read();
  const decodeSpeed = (await decode()).timings.tokensPerSecond;
  rows.push({
    multiplyAdd: Math.max(multiplyAdd, peaks.multiplyAdd()),
    read: Math.max(read, peaks.read()),
    promptSpeed,
    decodeSpeed,
  });
}
const of = (pick) => summary(rows.map(pick));
console.log(
  JSON.stringify({
    build,
    loadMs,
    loadedMegabytes,
    peakMegabytes,
    multiplyAddGflops: of((row) => row.multiplyAdd),
    readGigabytes: of((row) => row.read),
    promptTokensPerSecond: of((row) => row.promptSpeed),
    promptShareOfPeak: of((row) => (row.promptSpeed * promptFlops) / 1e9 / row.multiplyAdd),
    decodeTokensPerSecond: of((row) => row.decodeSpeed),
    decodeShareOfBandwidth: of((row) => (row.decodeSpeed * decodeBytes) / 1e9 / row.read),
  }),
);
