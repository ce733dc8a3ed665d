import { NO_TOKEN } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { headRows } from '../../architecture/gpt2/parameters.js';
import { invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { isFloat32Array } from '../../base/float_array.js';
import { listLength } from '../../base/id_list.js';
import { checkStarts } from './check_starts.js';
import { stateRows, type TrainingShape } from './shape.js';

/** Some sequences of equal length. */
export interface Batch {
  /** B, at most the planned one. */
  readonly batch: number;
  /** T, at most the planned one. */
  readonly length: number;
  /**
   * B x T token ids, one sequence after the other. With a mapper of P vectors, the first P positions of each sequence are
   * the vectors' and have -1; the target of the last one is the first token.
   */
  readonly tokens: ArrayLike<number>;
  /** B x T token ids, for each token the one that should follow; -1 for none. */
  readonly targets: ArrayLike<number>;
  /**
   * B x T positions, for each token that of the first token of its document in the sequence, if sequences have several
   * documents: tokens then attend to those of their document alone, and positions count from its beginning. Losses, and
   * gradients by the residual stream, are to the bit those of each document in a sequence of its own. Not with a mapper
   * or encoder states. By default each sequence is one document.
   */
  readonly starts?: ArrayLike<number> | undefined;
  /**
   * Pixels of an image for each sequence, [B, imageChannels, height, width], if the model is trained with an image
   * encoder.
   */
  readonly pixels?: Float32Array | undefined;
  /**
   * Encoder states of each sequence, [B, S, C], if the model attends to states that come from elsewhere. With a
   * frozen image encoder they may be given instead of pixels: its final states, as wide as the encoder.
   */
  readonly states?: Float32Array | undefined;
  /** Features of each sequence, [B, D], if the model is trained with a mapper. */
  readonly features?: Float32Array | undefined;
}

/** Throws `invalid-option` if `input` is not a batch, or larger than planned. */
export function checkBatch(input: Batch, planned: TrainingShape, config: ModelConfig): void {
  const { vocabSize, channels } = config;
  const { batch, length, tokens, targets, starts } = givenBatch(input);
  const fits = (size: number, most: number) => Number.isInteger(size) && size >= 1 && size <= most;
  if (!fits(batch, planned.batch) || !fits(length, planned.length)) {
    throw new Gpt2Error(
      'invalid-option',
      `the batch is ${show(batch)} x ${show(length)} tokens; at most ${planned.batch} x ${planned.length} were planned`,
    );
  }
  checkTokens(tokens, batch, length, planned, vocabSize);
  checkIds(targets, 'target', batch * length, -1, headRows(config));
  if (starts !== undefined) checkStarts(starts, batch, length, planned);
  checkVision(input, planned, channels);
  checkPrefix(input, planned);
}

/** Throws `invalid-option` for ids that are none, and unless a mapper's positions have -1. */
function checkTokens(
  tokens: ArrayLike<number>,
  batch: number,
  length: number,
  { prefix }: TrainingShape,
  vocabSize: number,
): void {
  const vectors = prefix?.vectors ?? 0;
  checkIds(tokens, 'token', batch * length, vectors > 0 ? NO_TOKEN : 0, vocabSize);
  for (let i = 0; vectors > 0 && i < batch * length; i++) {
    if (i % length < vectors === (tokens[i] === NO_TOKEN)) continue;
    const right = `the first ${vectors} of each sequence are -1, for the vectors of the mapper, and no others`;
    throw new Gpt2Error('invalid-option', `token ${i} is ${tokens[i]}; ${right}`);
  }
}

/** Throws `invalid-option` unless the batch has features for the mapper, if there is one. */
function checkPrefix({ batch, features }: Batch, { prefix }: TrainingShape): void {
  if (prefix !== undefined) checkFloats('features', features, batch * prefix.features);
  else if (features !== undefined) {
    throw invalidOption('features', features, 'undefined: the model is trained without a mapper');
  }
}

/** Throws `invalid-option` unless the batch has the pixels or states that the model attends to, and no others. */
function checkVision(input: Batch, planned: TrainingShape, channels: number): void {
  const { batch, pixels, states } = input;
  const { encoder } = planned;
  if (pixels !== undefined && states !== undefined) {
    throw new Gpt2Error('invalid-option', 'the batch has pixels and states; give one of them');
  }
  if (pixels !== undefined) {
    if (encoder === undefined) {
      throw invalidOption('pixels', pixels, 'undefined: the model is trained without an image encoder');
    }
    const { imageChannels, imageSize } = encoder;
    checkFloats('pixels', pixels, batch * imageChannels * imageSize[0] * imageSize[1]);
  } else if (states !== undefined) {
    checkTakesStates(states, planned);
    checkFloats('states', states, batch * stateRows(planned) * (encoder?.channels ?? channels));
  } else if (stateRows(planned) > 0) {
    const wanted = encoder === undefined ? 'states' : 'pixels';
    throw new Gpt2Error('invalid-option', `the batch has no ${wanted}, to which the model attends`);
  }
}

/** Throws `invalid-option` if states cannot be given: there is no attention to any, or their encoder is trained. */
function checkTakesStates(states: unknown, planned: TrainingShape): void {
  const { encoder, frozen = [], lora } = planned;
  if (stateRows(planned) === 0) {
    throw invalidOption('states', states, 'undefined: the model does not attend to any');
  }
  if (encoder === undefined || frozen.includes('encoder')) return;
  const why = lora === undefined ? 'its image encoder is trained' : 'an adapter is trained';
  throw invalidOption('states', states, `undefined: ${why}, so the batch must give pixels`);
}

function checkFloats(name: string, values: unknown, count: number): void {
  if (!isFloat32Array(values)) throw invalidOption(name, values, 'a Float32Array');
  if (values.length !== count) {
    throw new Gpt2Error('invalid-option', `${name} has ${values.length} numbers; the batch has ${count}`);
  }
  if (!areFinite(values)) throw new Gpt2Error('invalid-option', `${name} has a number that is not finite`);
}

/** Throws `invalid-option` if `batch` is not an object. */
function givenBatch(batch: unknown): Batch {
  if (typeof batch === 'object' && batch !== null) return batch as Batch;
  throw invalidOption('batch', batch, 'an object { batch, length, tokens, targets }');
}

function checkIds(ids: unknown, what: string, count: number, least: number, end: number): void {
  const length = listLength(ids, `${what}s`, 'an array of whole numbers');
  const list = ids as ArrayLike<unknown>;
  if (length !== count) {
    throw new Gpt2Error(
      'invalid-option',
      `there are ${length} ${what}s; the batch has room for ${count}, no more and no fewer`,
    );
  }
  for (let i = 0; i < count; i++) {
    const id = list[i] as number;
    if (!(Number.isInteger(id) && id >= least && id < end)) {
      throw new Gpt2Error(
        'invalid-option',
        `${what} ${i} is ${show(id)}; it must be a whole number from ${least} to ${end - 1}`,
      );
    }
  }
}

/** Number of a batch's tokens that have a target. Throws `invalid-option` for anything but a batch. */
export function countTargets(batch: Batch): number {
  const { targets } = givenBatch(batch);
  const length = listLength(targets, 'targets', 'an array of token ids and -1');
  let count = 0;
  for (let i = 0; i < length; i++) {
    const target: unknown = targets[i];
    if (typeof target !== 'number') throw invalidOption(`target ${i}`, target, 'a token id or -1');
    if (target >= 0) count++;
  }
  return count;
}
