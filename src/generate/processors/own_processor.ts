import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isPromise } from '../../base/is_promise.js';
import type { CompletionProcessor, LogitsSums } from './completion_processor.js';
import type { GivenProcessor, LogitsProcessor } from './logits_processor.js';

/** A caller's processor at work on one completion; what it writes is checked. */
export class OwnProcessor implements CompletionProcessor {
  readonly #name: string;
  readonly #processor: LogitsProcessor;
  readonly #prompt: readonly number[];
  readonly #tokens: number[] = [];

  /**
   * `name`: for messages; `given`: the processor, or a function that makes one. Throws `invalid-option` if it
   * makes something else.
   */
  constructor(name: string, given: GivenProcessor, prompt: readonly number[]) {
    const processor = typeof given === 'function' ? given() : given;
    if (typeof processor?.apply !== 'function') {
      throw invalidOption(`the result of ${name}`, processor, 'an object with the method apply');
    }
    this.#name = name;
    this.#processor = processor;
    this.#prompt = prompt;
  }

  /** Throws `invalid-option` if the processor sets a logit to NaN or Infinity, or returns a promise. */
  apply(logits: Float32Array, sums: LogitsSums): void {
    const before = logits.slice();
    const returned: unknown = this.#processor.apply(logits, {
      prompt: this.#prompt,
      tokens: this.#tokens,
      softmax: (temperature = 1) => sums.softmax(temperature),
      logSumExp: () => sums.logSumExp(),
    });
    if (isPromise(returned)) throw this.#error('returned a promise; it must change the logits at once');
    for (let id = 0; id < logits.length; id++) {
      if (before[id] === Number.NEGATIVE_INFINITY) logits[id] = Number.NEGATIVE_INFINITY;
      else if (!(logits[id]! < Number.POSITIVE_INFINITY) && before[id]! < Number.POSITIVE_INFINITY) {
        throw this.#error(`set the logit of token ${id} to ${logits[id]}; it must be a number or -Infinity`);
      }
    }
  }

  push(token: number): void {
    this.#tokens.push(token);
  }

  #error(what: string): Gpt2Error {
    return new Gpt2Error('invalid-option', `${this.#name}.apply ${what}`);
  }
}
