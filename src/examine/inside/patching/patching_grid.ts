import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { pointsOf } from '../../../core/hooks/points.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { textOrIds } from '../../ids_of.js';
import { runOperation } from '../../run_operation.js';
import { chosenNumbers } from '../chosen_numbers.js';
import type { PatchingGrid, PatchingMeasure } from './results.js';

/** What is patched, and what is measured. */
export interface PatchingOptions extends Work {
  /** The hook, with `*` in place of the layer, such as `blocks.*.hook_resid_post` or `blocks.*.attn.hook_z`. */
  readonly hook: string;
  /** The logit after the last token that is measured. */
  readonly measure: PatchingMeasure;
  /** Layers from 0. Default: all. */
  readonly layers?: ArrayLike<number> | undefined;
  /** Positions, -1 for the last one; with a hook of heads, those that are patched together. Default: all. */
  readonly positions?: ArrayLike<number> | undefined;
  /** Heads from 0, only with a hook of heads. Default: all. */
  readonly heads?: ArrayLike<number> | undefined;
}

const OPTION_NAMES = Object.keys({
  hook: true,
  measure: true,
  layers: true,
  positions: true,
  heads: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof PatchingOptions, true>);

/**
 * Activation patching (Vig et al. 2020; Meng et al. 2022, causal tracing; Wang et al. 2022): the logits
 * of the corrupted text if what it has at a layer and position, or in a head, is replaced by what the clean text has
 * there. An effect of 0 is the corrupted text, 1 the clean one. Both texts must have the same number of tokens.
 *
 * Progress counts cells. Throws `invalid-option`, also for texts with the same measure, of which nothing is to be
 * restored; `context-full` for more tokens than the context has positions; `aborted`.
 */
export async function patchingGrid(
  model: AnyModel,
  clean: Prompt,
  corrupted: Prompt,
  options: PatchingOptions,
): Promise<PatchingGrid> {
  const texts = { clean: textOrIds(model, clean), corrupted: textOrIds(model, corrupted) };
  checkOptionNames('patchingGrid', options, OPTION_NAMES);
  const { hook, measure, positions, signal, onProgress } = options;
  const { heads: headCount, layers: layerCount, vocabSize } = model.config;
  const hasHeads = checkHook(model, hook);
  checkOptionNames('measure', measure, ['token', 'against']);
  checkNumber('measure.token', measure.token, whole(0, vocabSize - 1));
  if (measure.against !== undefined) {
    checkNumber('measure.against', measure.against, whole(0, vocabSize - 1));
  }
  const layers = chosenNumbers('layers', options.layers, layerCount);
  if (options.heads !== undefined && !hasHeads) {
    throw new Gpt2Error('invalid-option', `heads are given, but ${hook} has none; leave them out`);
  }
  const heads = hasHeads ? chosenNumbers('heads', options.heads, headCount) : undefined;
  const args = { ...texts, hook, measure, layers, positions, heads };
  return runOperation(model, 'patchingGrid', args, { signal, onProgress });
}

/** Whether a hook of all layers has heads. Throws `invalid-option`. */
function checkHook(model: AnyModel, hook: unknown): boolean {
  const points = pointsOf(model.config).filter(({ name }) => name.startsWith('blocks.0.'));
  const point = points.find(({ name }) => name.replace('.0.', '.*.') === hook);
  if (point?.isEditable) return point.shape === 'heads' || point.shape === 'keys';
  throw invalidOption(
    'hook',
    hook,
    "one that can be changed, with * in place of the layer, such as 'blocks.*.hook_resid_post'",
  );
}
