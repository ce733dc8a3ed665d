import { onAbort } from '../base/cancellation.js';
import { Gpt2Error } from '../base/errors.js';
import type { CaptionerConfig } from '../checkpoints/vision/config.js';
import { loadedModels } from '../generate/loaded_models.js';
import { promptTokens } from '../generate/prompt.js';
import { TokenStream } from '../generate/token_stream.js';
import type { Model } from '../model/model.js';
import type { Caption, CaptionOptions, CaptionToken } from './caption.js';
import { CaptionAttention } from './caption_attention.js';
import { generateOptionsOf } from './caption_options.js';

/**
 * Describes an image whose encoder states `statesOf` computes. Prompt and common options are checked before
 * it returns, rare options when the first token is asked for.
 */
export function captionStream(
  decoder: Model,
  config: CaptionerConfig,
  statesOf: (signal: AbortSignal) => Promise<Float32Array>,
  options: CaptionOptions,
): TokenStream<CaptionToken, Caption> {
  const given = generateOptionsOf(options, config.decoder);
  const prompt = startOf(decoder, config, options);
  const { signal, attention: isWanted } = options;
  const left = new AbortController();
  const leave = () => left.abort(signal?.reason);
  let caption: Caption = nothing(given.seed, isWanted);
  async function* tokens(): AsyncGenerator<CaptionToken, void> {
    if (signal?.aborted) leave();
    const unlisten = onAbort(signal, leave);
    try {
      const states = await unlessAborted(statesOf(left.signal));
      if (states !== undefined) yield* written(states);
    } finally {
      unlisten();
    }
  }
  async function* written(states: Float32Array): AsyncGenerator<CaptionToken, void> {
    // An object, so that the keys and values of the generation serve attention too.
    const inputs = { encoderStates: isWanted ? { states } : states };
    const { core } = loadedModels.get(decoder)!;
    const attention = isWanted ? new CaptionAttention(core, config.encoder, prompt, inputs) : undefined;
    const stream = decoder.stream(prompt, { ...given, inputs, signal: left.signal });
    try {
      for await (const token of stream) yield attention ? await attention.add(token) : token;
    } finally {
      attention?.release();
      const completion = await stream.completion;
      caption = attention?.addTo(completion) ?? completion;
    }
  }
  return new TokenStream(tokens(), () => caption, leave);
}

/** The start token, and the tokens that the caption continues. Throws `invalid-option`, `not-found`. */
function startOf(decoder: Model, config: CaptionerConfig, options: CaptionOptions): number[] {
  const { prompt = [], allowedSpecial } = options;
  const limits = { mayBeEmpty: true, advice: 'shorten it', ...(allowedSpecial && { allowedSpecial }) };
  const ids = promptTokens(prompt, config.decoder, () => decoder.tokenizer, limits);
  return [config.startTokenId, ...ids];
}

async function unlessAborted<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'aborted') return undefined;
    throw error;
  }
}

/** The caption that was ended before its first token. */
function nothing(seed = 0, withAttention = false): Caption {
  const choice = {
    ...{ text: '', tokens: [], finishReason: 'aborted' as const },
    ...(withAttention && { attention: [] }),
  };
  return {
    ...choice,
    choices: [{ ...choice, index: 0 }],
    usage: {
      ...{ promptTokens: 0, cachedPromptTokens: 0, completionTokens: 0 },
      ...{ draftTokens: 0, acceptedDraftTokens: 0 },
    },
    timings: { promptMs: 0, decodeMs: 0, promptTokensPerSecond: 0, tokensPerSecond: 0 },
    seed,
  };
}
