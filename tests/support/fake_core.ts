import { BUCKETS, SUM_BLOCK } from '../../assembly/abi.js';
import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import type { Core, KvCache, LogitsRow, WantedLogits } from '../../src/core/types.js';

/**
 * Reference implementation of LogitsRow. Each call may overwrite the arrays of earlier ones, as in the core.
 */
export class NaiveRow implements LogitsRow {
  readonly values: Float32Array;
  readonly #softmax: Float32Array;
  #top = new Int32Array(0);
  /** Largest k that `topK` was asked for. */
  mostAsked = 0;

  constructor(values: ArrayLike<number>) {
    this.values = Float32Array.from(values);
    this.#softmax = new Float32Array(values.length);
  }

  argmax(): number {
    let best = 0;
    for (let id = 1; id < this.values.length; id++) if (this.values[id]! > this.values[best]!) best = id;
    return best;
  }

  logSumExp(): number {
    this.#softmax.fill(Number.NaN);
    this.#top.fill(-1);
    const largest = this.values[this.argmax()]!;
    return largest + Math.log(this.values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  }

  softmax(temperature: number): Float32Array {
    this.#top.fill(-1);
    const largest = this.values[this.argmax()]!;
    // The scale is in f32, as in the core: too small a temperature makes it infinite.
    const scale = Math.fround(1 / temperature);
    const exps = Array.from(this.values, (value) => Math.exp((value - largest) * scale));
    const sum = exps.reduce((a, b) => a + b, 0);
    this.#softmax.set(exps.map((exp) => exp / sum));
    return this.#softmax;
  }

  blockSums(): Float64Array {
    this.#top.fill(-1);
    return Float64Array.from({ length: Math.ceil(this.values.length / SUM_BLOCK) }, (_, block) =>
      this.#softmax.subarray(block * SUM_BLOCK, (block + 1) * SUM_BLOCK).reduce((a, b) => a + b, 0),
    );
  }

  bucketSums() {
    const sums = new Float64Array(BUCKETS);
    const counts = new Int32Array(BUCKETS);
    for (const probability of this.#softmax) {
      const bucket = new Uint32Array(Float32Array.of(probability).buffer)[0]! >>> 16;
      sums[bucket]! += probability;
      counts[bucket]!++;
    }
    return { sums, counts };
  }

  topK(k: number): Int32Array {
    if (!(Number.isInteger(k) && k >= 1 && k <= this.values.length)) throw new Error(`topK(${k})`);
    this.mostAsked = Math.max(this.mostAsked, k);
    this.#top.fill(-1);
    this.#top = Int32Array.from(rankByProbability(this.#softmax).slice(0, k));
    return this.#top;
  }

  spoil(): void {
    this.values.fill(Number.NaN);
    this.#softmax.fill(Number.NaN);
    this.#top.fill(-1);
  }
}

/** All ids, most probable first, equal ones by lower id. */
export function rankByProbability(probabilities: Float32Array): number[] {
  return Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
}

class FakeCache implements KvCache {
  tokens: number[] = [];
  released = false;

  copyFrom(other: KvCache): void {
    this.tokens = (other as FakeCache).tokens.slice();
  }

  rest(): void {}

  resume(): boolean {
    return true;
  }

  release(): void {
    if (this.released) throw new Error('released twice');
    this.released = true;
  }
}

export const FAKE_CONFIG: ModelConfig = {
  vocabSize: 64,
  contextLength: 32,
  channels: 8,
  layers: 1,
  heads: 1,
  innerChannels: 32,
  activation: 'gelu-tanh',
  layerNormEpsilon: 1e-5,
  scaleAttention: true,
  scaleAttentionByInverseLayer: false,
  tiedHead: true,
  eosTokenIds: [0],
  bosTokenId: undefined,
};

/** A well-mixed 32-bit function of two integers. */
export function mix(a: number, b: number): number {
  let x = Math.imul(a ^ Math.imul(b + 1, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return (x ^ (x >>> 13)) >>> 0;
}

/**
 * A core whose logits are a function of every token in the cache up to the position, so that a wrong prefix
 * gives other tokens. It refuses positions after a gap, and overwrites each row with NaN at the next forward.
 */
export class FakeCore implements Core {
  readonly config: ModelConfig;
  readonly blockSize: number;
  /** Start and number of tokens of every call of `forward`. */
  readonly calls: { start: number; count: number }[] = [];
  readonly caches: FakeCache[] = [];
  /** The logits [V] after a prefix; pseudo-random unless a test replaces it. */
  logitsOf: (prefix: readonly number[]) => ArrayLike<number>;
  /** Called at the start of each forward. */
  onForward: () => void = () => {};
  #row: NaiveRow | undefined;

  constructor(config: Partial<ModelConfig> = {}, blockSize = 8) {
    this.config = { ...FAKE_CONFIG, ...config };
    this.blockSize = blockSize;
    this.logitsOf = (prefix) => {
      const hash = prefix.reduce(mix, 1);
      return Array.from({ length: this.config.vocabSize }, (_, id) => (8 * mix(hash, id)) / 2 ** 32 - 4);
    };
  }

  /** Number of positions that were evaluated since the last call of this method. */
  takeEvaluated(): number {
    return this.calls.splice(0).reduce((sum, { count }) => sum + count, 0);
  }

  async takeCache(): Promise<KvCache> {
    return this.takeCacheNow();
  }

  takeCacheNow(): KvCache {
    this.#row?.spoil();
    const cache = new FakeCache();
    this.caches.push(cache);
    return cache;
  }

  async present(logits: Float32Array, read: (row: LogitsRow) => void): Promise<boolean> {
    this.#row?.spoil();
    this.#row = new NaiveRow(logits);
    read(this.#row);
    this.#row.spoil();
    return true;
  }

  async forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
  ): Promise<boolean> {
    this.onForward();
    const { tokens: evaluated, released } = cache as FakeCache;
    const { vocabSize, contextLength } = this.config;
    if (released) throw new Error('forward on a released cache');
    if (tokens.length < 1 || tokens.length > this.blockSize)
      throw new Error(`a block of ${tokens.length} tokens`);
    if (start > evaluated.length)
      throw new Error(`start ${start} after ${evaluated.length} evaluated positions`);
    if (start + tokens.length > contextLength)
      throw new Error(`${start} + ${tokens.length} exceed the context`);
    for (const token of tokens) {
      if (!(Number.isInteger(token) && token >= 0 && token < vocabSize)) throw new Error(`token ${token}`);
    }
    this.#row?.spoil();
    evaluated.length = start;
    evaluated.push(...tokens);
    this.calls.push({ start, count: tokens.length });
    for (let index = wanted?.first ?? tokens.length; index < tokens.length; index++) {
      this.#row?.spoil();
      this.#row = new NaiveRow(this.logitsOf(evaluated.slice(0, start + index + 1)));
      wanted?.read(this.#row, index);
    }
    this.#row?.spoil();
    return true;
  }
}
