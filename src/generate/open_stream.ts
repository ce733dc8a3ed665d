import { anySignal, type Cancellation } from '../base/cancellation.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Token } from './completion.js';
import { type Begin, Generation } from './generation.js';
import { isPlain } from './is_plain.js';
import type { GenerateOptions } from './options.js';
import { type Prompt, promptTokens } from './prompt.js';
import { hasRareOptions, resolveOptions } from './resolve_options.js';
import type { ResolvedOptions } from './resolved_options.js';
import type { Sequence } from './sequence.js';
import { TokenStream } from './token_stream.js';

/**
 * A stream that continues a prompt on a sequence. Common options and prompt are checked before it returns,
 * rare options before the generation begins. `run` yields the tokens; its signal
 * fires if the caller's does, or if the reader leaves.
 */
export function openStream(
  sequence: Sequence,
  tokenizer: Tokenizer,
  prompt: Prompt,
  options: GenerateOptions,
  run: (
    tokens: AsyncGenerator<Token, void>,
    signal: Cancellation,
    generation: () => Generation,
  ) => AsyncGenerator<Token, void>,
): TokenStream {
  const { config } = sequence.core;
  const resolved = resolveOptions(options, config);
  const ids = promptTokens(prompt, config, () => tokenizer, {
    allowedSpecial: resolved.allowedSpecial,
    mayBeEmpty: options.inputs?.embeddings !== undefined,
    advice: resolved.contextFull === 'shift' ? undefined : 'shorten it, or set contextFull to "shift"',
  });
  const left = new AbortController();
  const signal = anySignal(resolved.signal, left.signal);
  const generationOf = (all: ResolvedOptions, begin?: Begin) =>
    new Generation(sequence, tokenizer, ids, { ...all, signal }, begin);
  let generation = generationOf(resolved);
  const given = { ...options };
  const isRare = hasRareOptions(given);
  async function* begunTokens() {
    // Loaded on demand, since most calls are plain.
    const { begin } = await import('./begin.js');
    let all: ResolvedOptions = { ...resolved, signal };
    if (isRare) {
      const { checkRareOptions } = await import('./rare_options/rare_options.js');
      all = checkRareOptions(given, all, config);
    }
    generation = generationOf(all, (ids) => begin(sequence, tokenizer, ids, all, isRare));
    yield* generation.tokens();
  }
  const tokens = isRare || !isPlain(resolved) ? begunTokens() : generation.tokens();
  return new TokenStream(
    run(tokens, signal, () => generation),
    () => generation.completion(),
    () => left.abort(),
  );
}
