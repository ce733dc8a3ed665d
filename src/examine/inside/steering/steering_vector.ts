import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../../base/check_options.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel, runOperation } from '../../run_operation.js';
import { STATE_POSITIONS, type StatePosition } from '../states_here.js';
import { textList } from '../text_list.js';
import type { SteeringVector } from './results.js';

/** The texts that a direction is made of. */
export interface SteeringOptions extends Work {
  /** Texts that have what the direction is to add. */
  readonly positive: readonly Prompt[];
  /** Texts that have not, or have its opposite. */
  readonly negative: readonly Prompt[];
  /** The layer, from 0, after which the residual stream is read. */
  readonly layer: number;
  /** Of which tokens of a text it is read: the `last` one (default), or the `mean` over all. */
  readonly position?: StatePosition | undefined;
}

const OPTION_NAMES = Object.keys({
  positive: true,
  negative: true,
  layer: true,
  position: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof SteeringOptions, true>);

/**
 * The direction from texts of one kind to those of another: the difference of the means of the residual stream (Turner
 * et al. 2023; Rimsky et al. 2024). `steer` makes an edit of it.
 *
 * Progress counts texts. Throws `invalid-option`; `context-full` for a text with more tokens than the context has
 * positions; `aborted`.
 */
export async function steeringVector(model: AnyModel, options: SteeringOptions): Promise<SteeringVector> {
  checkModel(model);
  checkOptionNames('steeringVector', options, OPTION_NAMES);
  const { layer, position = 'last', signal, onProgress } = options;
  const positive = textList(model, options.positive, 'positive');
  const negative = textList(model, options.negative, 'negative');
  checkNumber('layer', layer, whole(0, model.config.layers - 1));
  if (!STATE_POSITIONS.includes(position)) {
    throw invalidOption('position', position, quotedList(STATE_POSITIONS));
  }
  const args = { positive, negative, hook: `blocks.${layer}.hook_resid_post`, position };
  return runOperation(model, 'steeringVector', args, { signal, onProgress });
}
