import type { Cancellation } from '../base/cancellation.js';
import { checkNumber, whole } from '../base/check_number.js';
import { checkOptionNames } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core } from '../core/types.js';
import type { PromptInputs } from '../generate/inputs.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { readPromptRows } from './prompt_rows.js';

/** What `Model.logits` evaluates beside the tokens, and what it gives. */
export interface LogitsOptions {
  /** Vectors before the tokens, and other positions. */
  readonly inputs?: PromptInputs | undefined;
  /** Changes of numbers inside the model; see `Model.trace`. Positions count from the first vector. */
  readonly edit?: readonly Edit[] | undefined;
  /** The first row that is given, counted from the first vector, or the first token without vectors: 0 by default. */
  readonly from?: number | undefined;
}

/** Logits after every vector and token, row-major; see `Model.logits`. */
export async function logitsOf(
  core: Core,
  tokenizer: Tokenizer,
  prompt: AnyPrompt,
  options: LogitsOptions,
  signal?: Cancellation,
): Promise<Float32Array> {
  checkOptionNames('logits', options, ['inputs', 'edit', 'from']);
  const { inputs, edit, from = 0 } = options;
  checkNumber('from', from, whole(0));
  const { vocabSize } = core.config;
  let logits = new Float32Array(0);
  const rows = {
    prompt,
    inputs,
    edit,
    from,
    signal,
    begin: (count: number) => {
      logits = numbers(count * vocabSize);
    },
    read: ({ values }: { readonly values: Float32Array }, row: number) => logits.set(values, row * vocabSize),
  };
  await readPromptRows(core, tokenizer, rows, 'evaluating');
  return logits;
}

/** Throws `out-of-memory`. */
function numbers(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch (cause) {
    throw new Gpt2Error('out-of-memory', `${length} logits do not fit into memory`, { cause });
  }
}
