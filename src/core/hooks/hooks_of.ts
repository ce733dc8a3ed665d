import { checkModelConfig } from '../../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { type PointShape, pointsOf } from './points.js';

/** A place in the forward pass of a model. */
export interface Hook {
  /** Its name, as TransformerLens has it. */
  readonly name: string;
  /** The dimensions of what a trace reads there: numbers of positions and tokens are those of the text. */
  readonly shape: readonly (number | 'positions' | 'tokens')[];
  /** Whether its numbers can be changed, and not only read. */
  readonly isEditable: boolean;
}

/**
 * All hooks of a model, in the order in which they are computed: those of TransformerLens (Nanda and Bloom 2022) for
 * a GPT-2 as it is stored, without folded weights, so that `hook_normalized` is after weight and bias. Beside them,
 * `.logits` of the residual stream are the logits that the last layer norm and the head make of it: the logit lens
 * (nostalgebraist 2020). Throws `invalid-option` for what is no configuration.
 */
export function hooksOf(config: ModelConfig): Hook[] {
  checkModelConfig(config);
  return pointsOf(config).map(({ name, shape, heads, width, isEditable }) => ({
    name,
    shape: dimensionsOf(shape, heads, width),
    isEditable,
  }));
}

function dimensionsOf(shape: PointShape, heads: number, width: number): Hook['shape'] {
  if (shape === 'keys') return [heads, 'positions', 'tokens'];
  return shape === 'heads' || shape === 'results' ? ['positions', heads, width] : ['positions', width];
}
