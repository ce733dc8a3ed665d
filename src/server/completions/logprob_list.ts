import type { TokenTexts } from '../models/token_texts.js';

/** A token of a list of log-probabilities, with the likeliest ones at its place. */
export interface ListedToken {
  readonly id: number;
  /** ln p; null for the first token of a prompt, which nothing comes before. */
  readonly logprob: number | null;
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
}

/** Log-probabilities as OpenAI's completions have them; all arrays have an entry for each token. */
export interface WireLogprobs {
  readonly tokens: string[];
  readonly token_logprobs: (number | null)[];
  /** The likeliest tokens at each place and the token itself. */
  readonly top_logprobs: (Record<string, number> | null)[];
  /** The character of the text, counted in Unicode's code points, in which each token begins. */
  readonly text_offset: number[];
}

const empty = (): WireLogprobs => ({ tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] });

/** Gathers the log-probabilities of a text's tokens, one after the other. */
export class LogprobList {
  readonly #texts: TokenTexts;
  readonly #decoder: { push(id: number): string };
  #offset = 0;
  #list = empty();

  constructor(texts: TokenTexts) {
    this.#texts = texts;
    this.#decoder = texts.decoder();
  }

  add({ id, logprob, top }: ListedToken): void {
    const label = this.#texts.labelOf(id);
    const { tokens, token_logprobs, top_logprobs, text_offset } = this.#list;
    tokens.push(label);
    token_logprobs.push(logprob);
    top_logprobs.push(logprob === null ? null : this.#topOf(label, logprob, top));
    text_offset.push(this.#offset);
    this.#offset += [...this.#decoder.push(id)].length;
  }

  /** The tokens that were added since the last call. */
  take(): WireLogprobs {
    const list = this.#list;
    this.#list = empty();
    return list;
  }

  /** Of tokens with the same text, such as a special token and its letters, the likelier one is listed. */
  #topOf(label: string, logprob: number, top: ListedToken['top']): Record<string, number> {
    const listed = new Map<string, number>();
    for (const other of top) {
      const text = this.#texts.labelOf(other.id);
      if (!listed.has(text)) listed.set(text, other.logprob);
    }
    if ((listed.get(label) ?? Number.NEGATIVE_INFINITY) < logprob) listed.set(label, logprob);
    return Object.fromEntries(listed);
  }
}
