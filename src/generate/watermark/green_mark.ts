import { TopCandidates } from '../search/top_candidates.js';
import type { GreenLists } from './green_lists.js';
import type { Mark } from './mark.js';

/** How many tokens are judged if each has a list of its own. */
const MOST_JUDGED = 40;

/** Adds a number to the logits of green tokens. */
export class GreenMark implements Mark {
  readonly #lists: GreenLists;
  readonly #bias: number;
  /** The latest tokens of the text, at most as many as choose a list. */
  readonly #context: number[];

  constructor(lists: GreenLists, bias: number, prompt: readonly number[]) {
    this.#lists = lists;
    this.#bias = Math.fround(bias);
    this.#context = lists.contextLength === 0 ? [] : prompt.slice(-lists.contextLength);
  }

  apply(logits: Float32Array): void {
    if (this.#context.length < this.#lists.contextLength) return;
    const green = this.#lists.includesToken ? this.#likelyGreen(logits) : this.#lists.list(this.#context);
    for (const id of green) logits[id]! += this.#bias;
  }

  #likelyGreen(logits: Float32Array): number[] {
    const likeliest = new TopCandidates(MOST_JUDGED);
    likeliest.offer(0, 0, logits);
    const tokens = likeliest.take().map(({ token }) => token);
    return tokens.filter((token) => this.#lists.isGreen([...this.#context.slice(1), token], token));
  }

  push(token: number): void {
    this.#context.push(token);
    if (this.#context.length > this.#lists.contextLength) this.#context.shift();
  }

  fork(): GreenMark {
    return new GreenMark(this.#lists, this.#bias, this.#context);
  }
}
