import { CaptionTrainer, trainTokenizer } from 'gpt2-wasm/train';
import { randomNumbers } from './arithmetic.js';
import { easyFirst } from './examples.js';
import { captionOf } from './grammar.js';
import { BANDS, FRAMES } from './spectrogram.js';
import { randomScene } from './world.js';

/** Recordings of a step. */
const BATCH = 16;
/** Captions that the tokenizer learns its words from. */
const TEXTS = 2000;
/** Share of the steps whose recordings have one group of sounds. */
const EASY = 1 / 4;

const SIZES = { channels: 128, layers: 2, heads: 4, innerChannels: 512, activation: 'gelu-tanh' };

/** A patch is all bands of four windows, 64 ms: patches follow each other in time, as sounds do. */
const ENCODER = {
  ...SIZES,
  imageSize: [BANDS, FRAMES],
  patchSize: [BANDS, 4],
  imageChannels: 1,
  classTokens: 1,
  qkvBias: true,
  layerNormEpsilon: 1e-6,
};

const DECODER = {
  ...SIZES,
  contextLength: 32,
  layerNormEpsilon: 1e-5,
  scaleAttention: true,
  scaleAttentionByInverseLayer: false,
  tiedHead: true,
  bosTokenId: undefined,
};

/** A trainer of a new model; `for await (const step of trainer)` trains it. */
export async function newTrainer({ steps, seed, threads }) {
  const tokenizer = await trainTokenizer(captions(TEXTS, seed), { vocabSize: 400 });
  const { vocabSize, eosTokenId } = tokenizer;
  return CaptionTrainer.create({
    config: { encoder: ENCODER, decoder: { ...DECODER, vocabSize, eosTokenIds: [eosTokenId] } },
    tokenizer,
    data: easyFirst(Math.round(EASY * steps) * BATCH, seed),
    steps,
    batchSize: BATCH,
    contextLength: DECODER.contextLength,
    learningRate: 1.5e-3,
    finalLearningRate: 2e-5,
    warmup: Math.min(100, Math.ceil(steps / 10)),
    weightDecay: 0.05,
    beta2: 0.98,
    seed,
    threads,
  });
}

function* captions(count, seed) {
  for (const random = randomNumbers(seed); count > 0; count--) yield captionOf(randomScene(random));
}
