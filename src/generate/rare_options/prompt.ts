import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Edit } from '../../core/hooks/edit.js';
import type { PromptInputs } from '../inputs.js';
import { boolean, type Check } from '../option_checks.js';
import type { ResolvedOptions } from '../resolved_options.js';

/** The numbers of inputs are checked in their place before the prompt (`PlacedInputs`). */
const inputs: Check<PromptInputs> = (name, value) => {
  if (typeof value === 'object' && value !== null) return value;
  throw invalidOption(name, value, 'an object with embeddings or positions');
};

/** Changes are checked when the prompt's length is known (`withEdits`). */
const edit: Check<readonly Edit[]> = (name, value) => {
  if (Array.isArray(value)) return value;
  throw invalidOption(name, value, 'a list of changes');
};

/** Options about the prompt. */
export const PROMPT_CHECKS = { heal: boolean, inputs, edit };

/** Throws `invalid-option`. */
export function checkInputs({ inputs, contextFull }: ResolvedOptions): void {
  if (inputs === undefined || contextFull !== 'shift') return;
  throw invalidOption('contextFull', contextFull, "'stop' or 'error' with inputs");
}

/** Throws `invalid-option`. */
export function checkEdit({ edit, contextFull, guidance, experts }: ResolvedOptions): void {
  if (edit === undefined) return;
  if (contextFull === 'shift') throw invalidOption('contextFull', contextFull, "'stop' or 'error' with edit");
  if (guidance === 1 && experts.length === 0) return;
  const other = experts.length > 0 ? 'experts' : 'guidance';
  throw new Gpt2Error('invalid-option', `edit changes one model and one context; leave ${other} out`);
}
