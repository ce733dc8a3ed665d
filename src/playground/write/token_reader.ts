import type { WorkerModel } from '../../worker/worker_model.js';
import {
  completeTokens,
  headOf,
  isTokenized,
  type TextToken,
  type TokenizedText,
  textOf,
  textsOfTokens,
  withLineFeeds,
} from '../document/tokenized_text.js';

/** Finds the tokens of texts with the tokenizer of a model. */
export class TokenReader {
  readonly #model: WorkerModel;
  /** Text of each token alone, by its id. */
  readonly #texts = new Map<number, Promise<string>>();

  constructor(model: WorkerModel) {
    this.#model = model;
  }

  /** The text with all of its tokens. Known tokens stay if they are the same. */
  async tokenize(content: TokenizedText): Promise<TokenizedText> {
    if (isTokenized(content)) return content;
    const { text, tokens } = content;
    const ids = await this.#model.tokenizer.encode(text);
    let same = 0;
    while (same < tokens.length && tokens[same]!.id === ids[same]) same++;
    const kept = completeTokens(tokens.slice(0, same));
    const rest = ids.slice(kept.length);
    const texts = await textsOfTokens(text.slice(textOf(kept).length), rest, (some) => this.#decode(some));
    return { text, tokens: [...kept, ...rest.map((id, i) => ({ id, text: texts[i]! }))] };
  }

  /**
   * Tokens of a text after a generation with token healing, which generates the end of the prompt again: the
   * tokens of the prompt that stayed, and the sampled ones, each with its characters. `[]` if they do not
   * match the text.
   */
  async healed(
    prompt: TokenizedText,
    sampled: readonly TextToken[],
    text: string,
  ): Promise<readonly TextToken[]> {
    const shown = completeTokens(sampled);
    const ids = shown.map(({ id }) => id);
    const all = withLineFeeds(await this.#model.tokenizer.decode(ids));
    const { tokens } = headOf(prompt, text.length - all.length);
    const kept = textOf(tokens).length;
    // They do not match if the text ends inside a character or has other line breaks.
    if (!text.slice(kept).startsWith(all) || kept + all.length !== text.length) return [];
    const texts = await textsOfTokens(all, ids, (some) => this.#decode(some));
    return [...tokens, ...shown.map((token, i) => ({ ...token, text: texts[i]! }))];
  }

  /** The text of ids. The text of a single id is computed once. */
  #decode(ids: readonly number[]): Promise<string> {
    if (ids.length > 1) return this.#model.tokenizer.decode(ids);
    const id = ids[0]!;
    const known = this.#texts.get(id) ?? this.#model.tokenizer.decode(ids);
    this.#texts.set(id, known);
    return known;
  }
}
