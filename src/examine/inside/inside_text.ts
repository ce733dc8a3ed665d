import { Gpt2Error } from '../../base/errors.js';
import type { ModelCore } from '../../core/types.js';
import type { TopToken } from '../../generate/completion.js';
import { loadedModels } from '../../generate/loaded_models.js';
import { promptTokens } from '../../generate/prompt.js';
import type { Model } from '../../model/model.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import { tokenTexts } from '../../tokenizer/token_texts.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { InsideToken } from './results.js';

/** A text whose tokens fit the context of a model, and the model. */
export interface InsideText {
  readonly core: ModelCore;
  readonly tokenizer: Tokenizer;
  readonly ids: number[];
  readonly tokens: InsideToken[];
}

/** The tokens of a text. Throws `context-full` if there are more than the context has positions, `invalid-option`. */
export function insideText(model: Model, text: string | readonly number[]): InsideText {
  const { core, tokenizer } = loadedModels.get(model)!;
  const { contextLength } = core.config;
  const ids = promptTokens(text, core.config, () => tokenizer, { advice: 'shorten it' });
  if (ids.length > contextLength) {
    throw new Gpt2Error(
      'context-full',
      `the text has ${ids.length} tokens, and the model's context ${contextLength}; shorten it`,
    );
  }
  const { texts } = tokenTexts(tokenizer, ids, typeof text === 'string' && text !== '' ? text : undefined);
  // Only cores of loaded models are looked into.
  return { core: core as ModelCore, tokenizer, ids, tokens: ids.map((id, i) => ({ id, text: texts[i]! })) };
}

/** Gives likely tokens the text that each has alone; ids that the vocabulary pads have none. */
export function withTexts(
  tokens: readonly Omit<TopToken, 'text'>[],
  tokenizer: Tokenizer,
): readonly TopToken[] {
  return tokens.map((token) => ({ ...token, text: textOfToken(token.id, tokenizer) }));
}

/** The text of a token alone. */
export function textOfToken(id: number, tokenizer: Tokenizer): string {
  return bytesOfToken(tokenizer, id) ? tokenizer.decode([id]) : '';
}

/** The index of the largest number, the first of equal ones. */
export function indexOfLargest(numbers: Float32Array): number {
  return numbers.reduce((best, value, i) => (value > numbers[best]! ? i : best), 0);
}
