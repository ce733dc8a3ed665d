import { CaptionTrainer, trainTokenizer } from 'gpt2-wasm/train';
import { SIDE } from './draw.js';
import { easyFirst, examples } from './examples.js';

/** Pictures of a step. */
const BATCH = 16;
/** Captions that the tokenizer learns its words from. */
const TEXTS = 3000;
/** Share of the steps whose pictures have one group. */
const EASY = 1 / 8;

/**
 * How a picture becomes the numbers that the encoder takes: bytes from 0 to 1, less the mean of all pictures, by their
 * deviation. Then most patches, which are empty, are near 0, and their places can be told from the beginning.
 */
const PREPROCESSOR = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: SIDE, width: SIDE },
  image_mean: [0.88, 0.88, 0.88],
  image_std: [0.2, 0.2, 0.2],
};

const SIZES = { channels: 128, layers: 2, heads: 4, innerChannels: 512, activation: 'gelu-tanh' };

const ENCODER = {
  ...SIZES,
  imageSize: [SIDE, SIDE],
  patchSize: [12, 12],
  imageChannels: 3,
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

/** A trainer of a new captioner; `for await (const step of trainer)` trains it. */
export async function newTrainer({ steps, seed, threads }) {
  const tokenizer = await trainTokenizer(captions(TEXTS, seed), { vocabSize: 512 });
  const { vocabSize, eosTokenId } = tokenizer;
  return CaptionTrainer.create({
    config: { encoder: ENCODER, decoder: { ...DECODER, vocabSize, eosTokenIds: [eosTokenId] } },
    tokenizer,
    preprocessor: PREPROCESSOR,
    data: easyFirst(Math.round(EASY * steps) * BATCH, seed),
    steps,
    batchSize: BATCH,
    contextLength: DECODER.contextLength,
    learningRate: 1e-3,
    finalLearningRate: 2e-5,
    weightDecay: 0.05,
    beta2: 0.98,
    seed,
    threads,
    // The build with the same bits on every machine.
    build: 'simd',
  });
}

function* captions(count, seed) {
  for (const { text } of examples(seed)) {
    if (count-- === 0) return;
    yield text;
  }
}
