/**
 * Measures one generation: `onToken` is called as each of `count` tokens appears, `result` tells the milliseconds
 * from the call to the first token and from there to the last, and the ids.
 */
export class Clock {
  #start = performance.now();
  #times = [];
  #tokens = [];

  get count() {
    return this.#tokens.length;
  }

  onToken(id) {
    this.#times.push(performance.now());
    this.#tokens.push(Number(id));
  }

  result() {
    const [first] = this.#times;
    return { first: first - this.#start, rest: this.#times.at(-1) - first, tokens: this.#tokens };
  }
}
