import { anySignal, type Cancellation } from '../base/cancellation.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Token } from './completion.js';
import { Generation } from './generation.js';
import type { GenerateOptions } from './options.js';
import { type Prompt, promptTokens } from './prompt.js';
import { resolveOptions } from './resolve_options.js';
import type { Sequence } from './sequence.js';
import { TokenStream } from './token_stream.js';

/**
 * A stream that continues a prompt on a sequence. Options and prompt are checked before it returns. `run`
 * yields the tokens of the generation; its signal fires if the caller's does, or if the reader leaves.
 */
export function openStream(
  sequence: Sequence,
  tokenizer: Tokenizer,
  prompt: Prompt,
  options: GenerateOptions,
  run: (
    tokens: AsyncGenerator<Token, void>,
    signal: Cancellation,
    generation: Generation,
  ) => AsyncGenerator<Token, void>,
): TokenStream {
  const { config } = sequence.core;
  const resolved = resolveOptions(options, config);
  const ids = promptTokens(prompt, config, () => tokenizer, {
    allowedSpecial: resolved.allowedSpecial,
    mayBeEmpty: resolved.inputs?.embeddings !== undefined,
    advice: resolved.contextFull === 'shift' ? undefined : 'shorten it, or set contextFull to "shift"',
  });
  const left = new AbortController();
  const signal = anySignal(resolved.signal, left.signal);
  const generation = new Generation(sequence, tokenizer, ids, { ...resolved, signal });
  return new TokenStream(
    run(generation.tokens(), signal, generation),
    () => generation.completion(),
    () => left.abort(),
  );
}
