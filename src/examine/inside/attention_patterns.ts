import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { textOrIds } from '../ids_of.js';
import { runOperation } from '../run_operation.js';
import { chosenNumbers } from './chosen_numbers.js';
import type { AttentionPatterns } from './results.js';

/** Which attention is read. */
export interface AttentionOptions extends Work {
  /** Layers from 0. Default: all. */
  readonly layers?: ArrayLike<number> | undefined;
  /** Heads from 0. Default: all. */
  readonly heads?: ArrayLike<number> | undefined;
  /** Positions that attend to those before them, -1 for the last one. Default: all. */
  readonly positions?: ArrayLike<number> | undefined;
  /** Also compute the rollout, which reads all layers and heads. Default: false. */
  readonly rollout?: boolean | undefined;
}

const OPTION_NAMES = Object.keys({
  layers: true,
  heads: true,
  positions: true,
  rollout: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof AttentionOptions, true>);

/**
 * Reads which tokens each head attends to. The rollout (Abnar and Zuidema 2020) multiplies the layers up: each is the
 * mean of its heads and, for the residual stream, the token itself in equal parts.
 *
 * Progress counts layers. Throws `invalid-option`; `context-full` for more tokens than the context has positions;
 * `out-of-memory` for more than 1 GiB of weights; `aborted`.
 */
export async function attentionPatterns(
  model: AnyModel,
  text: Prompt,
  options: AttentionOptions = {},
): Promise<AttentionPatterns> {
  const given = textOrIds(model, text);
  checkOptionNames('attentionPatterns', options, OPTION_NAMES);
  const { positions, rollout = false, signal, onProgress } = options;
  if (typeof rollout !== 'boolean') throw invalidOption('rollout', rollout, 'true or false');
  const layers = chosenNumbers('layers', options.layers, model.config.layers);
  const heads = chosenNumbers('heads', options.heads, model.config.heads);
  const args = { text: given, layers, heads, positions, rollout };
  return runOperation(model, 'attentionPatterns', args, { signal, onProgress });
}
