import type { Parameter } from '../architecture/gpt2/parameters.js';
import { patchLength } from '../architecture/vit/config.js';
import { threefry2x32 } from '../base/random.js';
import type { TrainCore } from '../core/training/train_core.js';
import { rowPieces } from './state/weight_pieces.js';

/** Standard deviation of the initial matrices of GPT-2. */
const DEVIATION = 0.02;
/** Width of the smallest GPT-2. */
const WIDTH = 768;
/** Standard deviation of the sum of four numbers that are uniform in [0, 1]. */
const SUM_DEVIATION = Math.sqrt(4 / 12);

/**
 * Writes the initial weights of GPT-2 (Radford et al. 2019) and of ViT: matrices and embeddings are normal with a
 * standard deviation of 0.02, or 0.02 / sqrt(2 layers) if their product is added to the residual stream;
 * biases are 0, gains 1. In a model that is trained with its encoder, matrices that are no embeddings have this deviation at GPT-2's width
 * and a larger one in narrower parts, as 1 / sqrt(width); and an encoder's position embeddings are as large as the
 * projection of a patch whose numbers have a variance of 1: smaller ones are not noticed beside the patches, and the
 * loss stays for thousands of steps where captions have the right colours at wrong places. A normal number is approximated by the sum of four uniform ones, which has the same
 * bits in every JavaScript engine.
 */
export function initializeWeights(core: TrainCore, seed: number): void {
  [...core.parameters, ...core.frozen].forEach((parameter, index) => {
    const columns = parameter.shape.at(-1)!;
    for (const { firstRow, count } of rowPieces(parameter)) {
      const values = new Float32Array(count * columns);
      if (parameter.kind !== 'vector') {
        fillNormal(values, [seed, index], firstRow * columns, deviationOf(parameter, core));
      } else if (/(ln_\w+|layernorm\w*)\.weight$/.test(parameter.name)) values.fill(1);
      core.write('weights', parameter, values, firstRow);
    }
  });
}

function deviationOf({ name, kind }: Parameter, { config, shape: { encoder } }: TrainCore): number {
  if (name === 'embeddings.position_embeddings') {
    return deviationAt(encoder!.channels) * Math.sqrt(patchLength(encoder!));
  }
  if (kind === 'rows' || name === 'wte.weight') return DEVIATION;
  const isOfEncoder = /^(embeddings|encoder|enc_to_dec_proj)\./.test(name);
  const deviation =
    encoder === undefined ? DEVIATION : deviationAt((isOfEncoder ? encoder : config).channels);
  return name.endsWith('.c_proj.weight') ? deviation / Math.sqrt(2 * config.layers) : deviation;
}

/** Standard deviation of matrices in a model of this width. */
function deviationAt(channels: number): number {
  return DEVIATION * Math.sqrt(WIDTH / channels);
}

/** Fills `out` with the normal numbers from index `first` on of the random stream of `key`. */
export function fillNormal(
  out: Float32Array,
  key: readonly [number, number],
  first: number,
  deviation: number,
): void {
  const scale = deviation / SUM_DEVIATION;
  for (let i = 0; i < out.length; i++) {
    const [a, b] = threefry2x32(key, [first + i, 0]);
    // Four uniform numbers (k + 1/2) / 65536, minus their means of 1/2.
    const sum = (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);
    out[i] = scale * ((sum + 2) / 65_536 - 2);
  }
}

/** Fills `out` with numbers that are uniform in +-bound, from index `first` on of the random stream of `key`. */
export function fillUniform(
  out: Float32Array,
  key: readonly [number, number],
  first: number,
  bound: number,
): void {
  for (let i = 0; i < out.length; i++) {
    const [bits] = threefry2x32(key, [first + i, 0]);
    out[i] = bound * ((bits + 0.5) / 2 ** 31 - 1);
  }
}
