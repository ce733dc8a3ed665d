import { BUCKETS, PAGE, SUM_BLOCK } from '../../assembly/abi.js';
import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import { PageRoot } from '../../src/core/kv/page.js';
import { PagePool } from '../../src/core/kv/page_pool.js';
import { PagedSequence } from '../../src/core/kv/paged_sequence.js';
import { BATCH_ROWS } from '../../src/core/layout.js';
import type { RequestRun } from '../../src/core/scheduler/request.js';
import { ScheduledSequence } from '../../src/core/scheduler/scheduled_sequence.js';
import { type BatchRunner, Scheduler } from '../../src/core/scheduler/scheduler.js';
import type { BatchTime, Core, CoreSequence, LogitsRow, SequenceUse } from '../../src/core/types.js';
import { mix } from './mix.js';

/**
 * Reference implementation of LogitsRow. Each call may overwrite the arrays of earlier ones, as in the core.
 */
export class NaiveRow implements LogitsRow {
  readonly values: Float32Array;
  readonly hidden: Float32Array;
  readonly #softmax: Float32Array;
  #top = new Int32Array(0);
  /** Largest k that `topK` was asked for. */
  mostAsked = 0;

  constructor(values: ArrayLike<number>, hidden: ArrayLike<number> = []) {
    this.values = Float32Array.from(values);
    this.hidden = Float32Array.from(hidden);
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

  measure(id: number) {
    const { values } = this;
    const logSumExp = this.logSumExp();
    const isBefore = (value: number, other: number) =>
      value > values[id]! || (value === values[id]! && other < id);
    const rank = 1 + values.filter(isBefore).length;
    const logprobs = Array.from(values, (value) => value - logSumExp).filter(Number.isFinite);
    const entropy = -logprobs.reduce((sum, logprob) => sum + Math.exp(logprob) * logprob, 0);
    const square = logprobs.reduce((sum, logprob) => sum + Math.exp(logprob) * logprob ** 2, 0);
    return { logprob: values[id]! - logSumExp, rank, entropy, variance: square - entropy ** 2 };
  }

  spoil(): void {
    this.values.fill(Number.NaN);
    this.hidden.fill(Number.NaN);
    this.#softmax.fill(Number.NaN);
    this.#top.fill(-1);
  }
}

/** All ids, most probable first, equal ones by lower id. */
export function rankByProbability(probabilities: Float32Array): number[] {
  return Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
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

/**
 * A core whose pages hold tokens in place of keys and values, and whose logits are a function of all tokens
 * that it reads from a sequence's pages, so that a wrong page gives other tokens. It has the scheduler and
 * the pages of the real one, and overwrites each row with NaN after it was read.
 */
export class FakeCore implements Core, BatchRunner {
  readonly config: ModelConfig;
  readonly scheduler: Scheduler;
  readonly pool: PagePool;
  readonly mostRows = BATCH_ROWS;
  /** Start and number of tokens of every run. */
  readonly calls: { start: number; count: number }[] = [];
  /** Number of runs of every batch. */
  readonly batches: number[] = [];
  /** The logits [V] after a prefix; pseudo-random unless a test replaces it. */
  logitsOf: (prefix: readonly number[]) => ArrayLike<number>;
  /** The final hidden state [C] after a prefix; pseudo-random, and the same after the same two tokens. */
  hiddenOf = (prefix: readonly number[]): ArrayLike<number> => {
    const hash = prefix.slice(-2).reduce(mix, 2);
    return Array.from({ length: this.config.channels }, (_, i) => mix(hash, i) / 2 ** 31 - 1);
  };
  /** Milliseconds that a batch of so many rows seems to take; undefined if none were measured. */
  batchMs: (rows: number) => number | undefined = (rows) => 1 + rows / 8;
  /** Called at the start of each batch. */
  onForward: () => void | Promise<void> = () => {};
  readonly #root = new PageRoot(true);
  /** Tokens of each page, by its address. */
  readonly #pages = new Map<number, number[]>();

  /** `mostPages`: how many pages there are. */
  constructor(config: Partial<ModelConfig> = {}, mostPages = 1000) {
    this.config = { ...FAKE_CONFIG, ...config };
    let end = 2;
    const memory = {
      reserve: () => {
        if (end > mostPages) throw new Error('no more pages');
        return end++;
      },
      get end() {
        return end;
      },
    };
    const limits = { end: mostPages + 1, keptBytes: mostPages };
    this.pool = new PagePool(memory, { address: 1, bytes: 1 }, 1, limits);
    this.scheduler = new Scheduler(this.pool, this);
    this.logitsOf = (prefix) => {
      const hash = prefix.reduce(mix, 1);
      return Array.from({ length: this.config.vocabSize }, (_, id) => (8 * mix(hash, id)) / 2 ** 32 - 4);
    };
  }

  /** As if there had been batches of every number of rows, which took `batchMs`. */
  get batchTimes(): BatchTime[] {
    const times = Array.from({ length: BATCH_ROWS }, (_, i) => BATCH_ROWS - i).flatMap((rows) => {
      const ms = this.batchMs(rows);
      return ms === undefined ? [] : [{ ms, rows, wanted: rows }];
    });
    const latest = this.scheduler.batchTimes.at(-1);
    return latest === undefined
      ? times
      : [...times, { ...latest, ms: this.batchMs(latest.rows) ?? latest.ms }];
  }

  /** Number of positions that were evaluated since the last call of this method. */
  takeEvaluated(): number {
    return this.calls.splice(0).reduce((sum, { count }) => sum + count, 0);
  }

  sequence(use: SequenceUse, isPrivate = false): CoreSequence {
    const copyPositions = (to: number, from: number, count: number) => {
      this.#pages.set(to, this.#page(from).slice(0, count));
    };
    const root = isPrivate ? new PageRoot(false) : this.#root;
    const pages = new PagedSequence({ pool: this.pool, copyPositions }, root, 0);
    return new ScheduledSequence(this.scheduler, pages, use);
  }

  async run(
    runs: readonly RequestRun[],
    read: (run: number, index: number, row: () => LogitsRow) => void,
    isWanted: () => boolean,
  ): Promise<boolean> {
    this.batches.push(runs.length);
    const sequences = runs.map((run) => this.#write(run));
    await this.onForward();
    if (!isWanted()) return false;
    runs.forEach(({ request, start, count, wanted }, run) => {
      for (let index = start + count - wanted; index < start + count; index++) {
        let row: NaiveRow | undefined;
        read(run, index, () => {
          const prefix = this.#read(sequences[run]!, index + 1);
          const logits = request.evaluation.wanted === 'hidden' ? [] : this.logitsOf(prefix);
          row = new NaiveRow(logits, this.hiddenOf(prefix));
          return row;
        });
        row?.spoil();
      }
    });
    return true;
  }

  /** Writes the tokens of a run into its pages, whose addresses it returns. */
  #write({ request, start, count }: RequestRun): number[] {
    const { tokens } = request.evaluation;
    const { vocabSize, contextLength } = this.config;
    if (count < 1 || start + count > contextLength) throw new Error(`${count} tokens from ${start}`);
    this.calls.push({ start, count });
    const { addresses } = request.sequence;
    for (let i = start; i < start + count; i++) {
      const token = tokens[i]!;
      if (!(Number.isInteger(token) && token >= 0 && token < vocabSize)) throw new Error(`token ${token}`);
      this.#page(addresses[Math.floor(i / PAGE)]!)[i % PAGE] = token;
    }
    return addresses;
  }

  /** The first `length` tokens that pages hold. */
  #read(addresses: readonly number[], length: number): number[] {
    return Array.from({ length }, (_, i) => {
      const token = this.#page(addresses[Math.floor(i / PAGE)]!)[i % PAGE];
      if (token === undefined) throw new Error(`position ${i} was never evaluated`);
      return token;
    });
  }

  #page(address: number): number[] {
    let page = this.#pages.get(address);
    if (page === undefined) {
      page = [];
      this.#pages.set(address, page);
    }
    return page;
  }
}
