/**
 * Finds patterns in a sequence of symbols, one symbol at a time (Aho and Corasick 1975, "Efficient string
 * matching"). A state is the longest end of the sequence that begins a pattern; 0 is the empty one.
 */
export class PatternAutomaton {
  /** The number of symbols that occur in patterns; symbol 0 stands for all others. */
  readonly #symbolCount: number;
  /** The state after `state * symbolCount + symbol`, for the beginnings of patterns. */
  readonly #edges = new Map<number, number>();
  /** The states after state 0, by symbol. */
  readonly #first: Int32Array;
  /** By state: the longest proper end of it that is a state. */
  readonly #shorter: number[] = [0];
  /** By state: the symbols of the longest pattern that ends there, 0 if none does. */
  readonly #matched: number[] = [0];

  /** `patterns`: symbols from 1 to `symbolCount` - 1, at least one each. */
  constructor(patterns: Iterable<readonly number[]>, symbolCount: number) {
    this.#symbolCount = symbolCount;
    for (const pattern of patterns) this.#add(pattern);
    this.#first = Int32Array.from({ length: symbolCount }, (_, symbol) => this.#edges.get(symbol) ?? 0);
    this.#link();
  }

  next(state: number, symbol: number): number {
    if (symbol === 0) return 0;
    for (let from = state; from !== 0; from = this.#shorter[from]!) {
      const to = this.#edges.get(from * this.#symbolCount + symbol);
      if (to !== undefined) return to;
    }
    return this.#first[symbol]!;
  }

  /** How many symbols the longest pattern has that ends in a state; 0 if none does. */
  matched(state: number): number {
    return this.#matched[state]!;
  }

  #add(pattern: readonly number[]): void {
    let state = 0;
    for (const symbol of pattern) {
      const edge = state * this.#symbolCount + symbol;
      const known = this.#edges.get(edge);
      state = known ?? this.#matched.push(0) - 1;
      if (known === undefined) this.#edges.set(edge, state);
    }
    this.#matched[state] = pattern.length;
  }

  /** Finds the shorter states, from short to long ones. */
  #link(): void {
    const byState: [symbol: number, to: number][][] = this.#matched.map(() => []);
    for (const [edge, to] of this.#edges) {
      byState[Math.floor(edge / this.#symbolCount)]!.push([edge % this.#symbolCount, to]);
    }
    const queue = [0];
    for (const state of queue) {
      for (const [symbol, to] of byState[state]!) {
        const shorter = state === 0 ? 0 : this.next(this.#shorter[state]!, symbol);
        this.#shorter[to] = shorter;
        this.#matched[to] ||= this.#matched[shorter]!;
        queue.push(to);
      }
    }
  }
}
