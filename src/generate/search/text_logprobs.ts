import type { TokenLogprob } from '../completion.js';
import type { LogprobReport } from '../report_logprobs.js';

type Tokens = readonly number[];

const keyOf = (tokens: Tokens): string => tokens.join();

/** The log-probabilities of the tokens of beams, for the option `logprobs`. */
export class TextLogprobs {
  /** Of the texts that may still be returned or extended; at first of the empty one. */
  #known = new Map<string, readonly TokenLogprob[]>([['', []]]);

  /** `reports`: one for each of the `parents`, which the `texts` that were not known before extend by a token. */
  extend(parents: readonly Tokens[], reports: readonly LogprobReport[], texts: readonly Tokens[]): void {
    const reportOf = new Map(parents.map((tokens, i) => [keyOf(tokens), reports[i]!]));
    const known = texts.map((tokens): [string, readonly TokenLogprob[]] => {
      const parent = keyOf(tokens.slice(0, -1));
      const extended = () => [...this.#known.get(parent)!, reportOf.get(parent)!(tokens.at(-1)!)];
      return [keyOf(tokens), this.#known.get(keyOf(tokens)) ?? extended()];
    });
    this.#known = new Map(known);
  }

  of(tokens: Tokens): readonly TokenLogprob[] {
    return this.#known.get(keyOf(tokens))!;
  }
}
