// Training speed of one build in one process, after `npm run bench` has compiled the peaks:
// node bench/train.mjs [BUILD] [REPEATS] [BATCH] [LENGTH] [THREADS] [RANK] [TARGETS] -> a JSON line; with a rank, of an
// adapter of c_attn, or of targets with commas between them.
import { learningRateSchedule, TrainCore, trainStep } from '../build/esm/train.js';
import { Peaks } from './lib/limits/peaks.mjs';
import { summary } from './lib/stats.mjs';

/** The shape of GPT-2 124M. */
const CONFIG = {
  vocabSize: 50257,
  contextLength: 1024,
  channels: 768,
  layers: 12,
  heads: 12,
  innerChannels: 3072,
  activation: 'gelu-tanh',
  layerNormEpsilon: 1e-5,
  scaleAttention: true,
  scaleAttentionByInverseLayer: false,
  tiedHead: true,
  eosTokenIds: [50256],
  bosTokenId: 50256,
};

const [
  build = 'relaxed',
  repeats = '3',
  batchSize = '4',
  sequenceLength = '256',
  threadCount = '1',
  ...adapter
] = process.argv.slice(2);
const [batch, length] = [Number(batchSize), Number(sequenceLength)];
const [rank = '0', names = 'attn.c_attn'] = adapter;
const lora = Number(rank) > 0 ? { rank: Number(rank), alpha: 16, targets: names.split(',') } : undefined;
const SAMPLES = 9;

/** Standard deviation of GPT-2's initial weights. */
const SCALE = 0.02;

/** Random weights, the same on every machine. */
function fill(core) {
  let state = 1;
  for (const slot of [...core.frozen, ...core.slots]) {
    const isGain = /ln_\w+\.weight$/.test(slot.name);
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state / 2 ** 32) * SCALE * Math.sqrt(12);
    };
    core.write('weights', slot, core.read('weights', slot).map(isGain ? () => 1 : random));
  }
}

const core = await TrainCore.create({
  config: CONFIG,
  build,
  shape: { batch, length, lora },
  threads: Number(threadCount),
});
fill(core);
const rows = batch * length;
const tokens = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % CONFIG.vocabSize);
const targets = Int32Array.from({ length: rows }, (_, i) => ((i + 1) * 7919) % CONFIG.vocabSize);
const learningRate = learningRateSchedule({ peak: 1e-4, steps: 1000 });

const { channels, innerChannels, layers, vocabSize } = CONFIG;
const matrices = layers * (4 * channels * channels + 2 * channels * innerChannels) + vocabSize * channels;
// Multiply-adds count twice; forward once, backward twice, or once where weights are frozen. Attention: the mean number
// of keys that a query sees.
const trained = lora ? core.slots.reduce((sum, { shape: [n, k] }) => sum + n * k, 0) : matrices;
const weightFlops = (lora ? 4 * matrices + 6 * trained : 6 * matrices) * rows;
const attentionFlops = 3 * layers * 4 * channels * ((length + 1) / 2) * rows;

const peaks = new Peaks(build);
const peak = () => summary(Array.from({ length: SAMPLES }, () => peaks.multiplyAdd())).median;
const samples = [];
for (let step = 1; step <= Number(repeats) + 1; step++) {
  const before = peak();
  const start = performance.now();
  const { loss } = await trainStep(core, [{ batch, length, tokens, targets }], {
    step,
    learningRate: learningRate(step),
  });
  const seconds = (performance.now() - start) / 1000;
  const limit = (core.threads.count * (before + peak())) / 2;
  // The first step runs while the engine still compiles.
  if (step > 1) samples.push({ seconds, limit, loss });
}
const of = (pick) => summary(samples.map(pick));
console.log(
  JSON.stringify({
    node: process.version,
    build,
    batch,
    length,
    threads: core.threads.count,
    lora,
    tokensPerSecond: of(({ seconds }) => rows / seconds),
    multiplyAddGflops: of(({ limit }) => limit),
    shareOfPeak: of(({ seconds, limit }) => weightFlops / seconds / 1e9 / limit),
    shareWithAttention: of(({ seconds, limit }) => (weightFlops + attentionFlops) / seconds / 1e9 / limit),
    bytesPerParameter: core.memoryBytes / (matrices + CONFIG.contextLength * channels),
    memoryMegabytes: core.memoryBytes / 2 ** 20,
    lastLoss: samples.at(-1).loss,
  }),
);
