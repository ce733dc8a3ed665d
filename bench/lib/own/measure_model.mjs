// One build and weight format in one process: measure_model.mjs BUILD WEIGHTS FOLDER REPEATS -> a JSON line.
import { loadModel, loadTokenizer } from '../../../build/esm/index.js';
import { Peaks } from '../limits/peaks.mjs';
import { summary } from '../stats.mjs';

const PROMPT_TOKENS = 512;
const SHORT_PROMPT = 32;
const DECODED_TOKENS = 128;
/** Samples of a limit on each side of a measurement. */
const SAMPLES = 5;

const [build, weights, folder, repeats] = process.argv.slice(2);
/** Quantized: 32 weights and their f16 scale in 34 or 18 bytes. */
const BYTES_PER_WEIGHT = { f32: 4, q8: 34 / 32, q4: 18 / 32 };

const tokenizer = await loadTokenizer(new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url));
const loadStart = performance.now();
const model = await loadModel(folder, { build, weights, threads: 1, tokenizer }).catch(skipWithoutBuild);
const loadMs = performance.now() - loadStart;
const loadedMegabytes = process.resourceUsage().maxRSS / 1024;

const { channels, innerChannels, layers, vocabSize } = model.config;
const layerWeights = layers * (4 * channels * channels + 2 * channels * innerChannels);
// Of one token: the products with weights, and those of attention with the mean number of keys.
const promptFlops = 2 * layerWeights;
const attentionFlops = layers * 4 * channels * ((PROMPT_TOKENS + 1) / 2);
const decodeBytes = BYTES_PER_WEIGHT[weights] * (layerWeights + vocabSize * channels);

/** A new prompt each time: the model may have kept the keys and values of earlier ones. */
let used = 0;
const nextPrompt = (length) => Array.from({ length }, () => (used++ * 7919) % vocabSize);
const greedy = { temperature: 0, ignoreEos: true };

/** Tokens a second of evaluating the long prompt. */
async function promptSpeed() {
  const { timings } = await model.generate(nextPrompt(PROMPT_TOKENS), { ...greedy, maxTokens: 1 });
  return timings.promptTokensPerSecond;
}

/** Tokens a second of decoding after the short prompt: from the median time between two tokens. */
async function decodeSpeed() {
  const times = [];
  for await (const _ of model.stream(nextPrompt(SHORT_PROMPT), {
    ...greedy,
    maxTokens: DECODED_TOKENS + 1,
  })) {
    times.push(performance.now());
  }
  return 1000 / summary(times.slice(1).map((time, i) => time - times[i])).median;
}

await promptSpeed();
await decodeSpeed();
const peakMegabytes = process.resourceUsage().maxRSS / 1024;

// The machine's limits are taken just before and after each measurement: on a shared machine all change together.
const peaks = new Peaks(build);
const samples = (sample) => Array.from({ length: SAMPLES }, sample);

async function between(limit, measure) {
  const before = samples(limit);
  const speed = await measure();
  return { speed, limit: summary([...before, ...samples(limit)]).median };
}

const rows = [];
for (let i = 0; i < Number(repeats); i++) {
  const prompt = await between(() => peaks.multiplyAdd(), promptSpeed);
  const decode = await between(() => peaks.read(), decodeSpeed);
  rows.push({ prompt, decode });
}
const of = (pick) => summary(rows.map(pick));
console.log(
  JSON.stringify({
    build,
    weights,
    loadMs,
    loadedMegabytes,
    peakMegabytes,
    multiplyAddGflops: of(({ prompt }) => prompt.limit),
    readGigabytes: of(({ decode }) => decode.limit),
    promptTokensPerSecond: of(({ prompt }) => prompt.speed),
    promptShareOfPeak: of(({ prompt }) => (prompt.speed * promptFlops) / 1e9 / prompt.limit),
    promptShareWithAttention: of(
      ({ prompt }) => (prompt.speed * (promptFlops + attentionFlops)) / 1e9 / prompt.limit,
    ),
    decodeTokensPerSecond: of(({ decode }) => decode.speed),
    decodeShareOfBandwidth: of(({ decode }) => (decode.speed * decodeBytes) / 1e9 / decode.limit),
  }),
);

/** Node 20 has no relaxed SIMD without a flag: the process then ends with status 3. */
function skipWithoutBuild(error) {
  if (error.code !== 'runtime') throw error;
  console.error(error.message);
  process.exit(3);
}
