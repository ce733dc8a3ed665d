import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../../base/check_options.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { AnyModel } from '../../any_model.js';
import { textOrIds } from '../../ids_of.js';
import { runOperation } from '../../run_operation.js';
import type { LogitAttributionOptions } from '../logit_attribution.js';
import type { Saliency, SaliencyMethod } from './results.js';

const METHODS: readonly SaliencyMethod[] = ['gradientTimesInput', 'gradientNorm'];

/** What saliency explains: as `logitAttribution`, but log-probabilities. */
export interface SaliencyOptions extends LogitAttributionOptions {
  /**
   * `gradientTimesInput` (default; Denil et al. 2014, Shrikumar et al. 2016): the product of the gradient and the
   * token's embedding, with its sign. `gradientNorm` (Simonyan et al. 2013): the Euclidean length of the gradient.
   */
  readonly method?: SaliencyMethod | undefined;
}

const OPTION_NAMES = Object.keys({
  position: true,
  token: true,
  against: true,
  method: true,
  signal: true,
} satisfies Record<keyof SaliencyOptions, true>);

/**
 * How much each token of a text matters for a next token: by the gradient of the token's log-probability by the
 * embeddings, which the core for training computes in 32-bit numbers; of quantized weights, those that they stand for.
 * Each call takes memory for the weights in 32 bits.
 *
 * Throws `invalid-option`; `context-full` for more tokens than the context has positions; `out-of-memory`; `aborted`.
 */
export async function saliency(
  model: AnyModel,
  text: Prompt,
  options: SaliencyOptions = {},
): Promise<Saliency> {
  const given = textOrIds(model, text);
  checkOptionNames('saliency', options, OPTION_NAMES);
  const { position = -1, token, against, method = 'gradientTimesInput', signal } = options;
  const { contextLength, vocabSize } = model.config;
  checkNumber('position', position, whole(-contextLength, contextLength - 1));
  const id = whole(0, vocabSize - 1);
  if (token !== undefined) checkNumber('token', token, id);
  if (against !== undefined) checkNumber('against', against, id);
  if (!METHODS.includes(method)) throw invalidOption('method', method, quotedList(METHODS));
  return runOperation(model, 'saliency', { text: given, position, token, against, method }, { signal });
}
