import { invalidOption } from '../../base/check_options.js';
import type { PromptInputs } from '../inputs.js';
import { boolean, type Check } from '../option_checks.js';
import type { ResolvedOptions } from '../resolved_options.js';

/** The numbers of inputs are checked in their place before the prompt (`PlacedInputs`). */
const inputs: Check<PromptInputs> = (name, value) => {
  if (typeof value === 'object' && value !== null) return value;
  throw invalidOption(name, value, 'an object with embeddings or positions');
};

/** Options about the prompt. */
export const PROMPT_CHECKS = { heal: boolean, inputs };

/** Throws `invalid-option`. */
export function checkInputs({ inputs, contextFull }: ResolvedOptions): void {
  if (inputs === undefined || contextFull !== 'shift') return;
  throw invalidOption('contextFull', contextFull, "'stop' or 'error' with inputs");
}
