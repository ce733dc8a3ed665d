import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core } from '../core/types.js';
import { type Prompt, startTokenOf } from '../generate/prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { following, withoutSpaces } from './choice_tokens.js';
import { scoreText } from './score.js';

/** How `Model.loglikelihood` works. */
export interface LoglikelihoodOptions {
  /** Changes of numbers inside the model; see `Model.trace`. Positions count from the first token that is read. */
  readonly edit?: readonly Edit[] | undefined;
  /** Ends the call with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** How likely a continuation is after a context. */
export interface Loglikelihood {
  /** ln p of the continuation: the sum of `tokenLogprobs`. */
  readonly logprob: number;
  /** ln p of each token of the continuation, given all tokens before it that fit the model's context. */
  readonly tokenLogprobs: Float32Array;
  /** Whether each token is the likeliest one, so that a generation with temperature 0 writes the continuation. */
  readonly isGreedy: boolean;
}

/** Measures a continuation; see `Model.loglikelihood`. */
export async function loglikelihood(
  core: Core,
  tokenizer: Tokenizer,
  context: Prompt,
  continuation: Prompt,
  options: LoglikelihoodOptions,
): Promise<Loglikelihood> {
  checkOptionNames('loglikelihood', options, ['edit', 'signal']);
  const { contextLength, vocabSize } = core.config;
  const tokensOf = (name: string, given: Prompt) =>
    typeof given === 'string'
      ? tokenizer.encode(given)
      : idList(given, `the ${name}`, 'a string or an array of token ids', vocabSize);
  let before: number[];
  let after: number[];
  if (typeof context === 'string' && typeof continuation === 'string') {
    const { text, spaces } = withoutSpaces(context);
    before = tokenizer.encode(text);
    after = following(text, before, spaces + continuation, (all) => tokenizer.encode(all));
  } else {
    before = tokensOf('context', context);
    after = tokensOf('continuation', continuation);
  }
  if (after.length === 0) throw invalidOption('continuation', continuation, 'at least one token');
  if (after.length > contextLength) {
    throw new Gpt2Error(
      'context-full',
      `the continuation's ${after.length} tokens do not fit the model's context of ${contextLength}; shorten it`,
    );
  }
  if (before.length === 0) before = [beginning(core)];
  const tokens = [...before.slice(-(contextLength + 1 - after.length)), ...after];
  const scored = {
    start: false,
    from: tokens.length - after.length,
    edit: options.edit,
    signal: options.signal,
  };
  const { sum, logprobs, ranks } = await scoreText(core, tokenizer, tokens, scored);
  return { logprob: sum, tokenLogprobs: logprobs, isGreedy: ranks.every((rank) => rank === 1) };
}

/** The token before a continuation without a context. Throws `invalid-option` if the model has none. */
function beginning({ config }: Core): number {
  const start = startTokenOf(config);
  if (start !== undefined) return start;
  throw new Gpt2Error(
    'invalid-option',
    'the context is empty and the model has no token that begins a text; give at least one token',
  );
}
