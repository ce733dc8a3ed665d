import { isPermuted, permuted } from './permutation.js';
import type { ResolvedKgw, ResolvedUnigram } from './resolved_watermark.js';

/** Entries of the table that turns ids into random numbers. */
const TABLE = 1_000_003;

/** Which tokens of a vocabulary are green, by the tokens before. */
export interface GreenLists {
  /** Tokens that choose a list. */
  readonly contextLength: number;
  /** Whether the judged token is the last of them. */
  readonly includesToken: boolean;
  /** The green tokens after a context of `contextLength` tokens, not with `includesToken`. */
  list(context: readonly number[]): Iterable<number>;
  /** Whether a token is green after a context; undefined if the lists do not say it. */
  isGreen(context: readonly number[], token: number): boolean | undefined;
}

/** Number of green tokens in a vocabulary of V. */
export const greenCount = (ratio: number, vocabSize: number): number => Math.trunc(vocabSize * ratio);

export function greenLists(watermark: ResolvedKgw | ResolvedUnigram, vocabSize: number): GreenLists {
  const count = greenCount(watermark.greenlistRatio, vocabSize);
  if (watermark.kind === 'unigram') return new OneGreenList(watermark.key, vocabSize, count);
  if (watermark.greenlists) return new GivenGreenLists(watermark, watermark.greenlists);
  return watermark.seedingScheme === 'lefthash'
    ? new LeftHash(watermark, vocabSize, count)
    : new SelfHash(watermark, vocabSize, count);
}

class OneGreenList implements GreenLists {
  readonly contextLength = 0;
  readonly includesToken = false;
  readonly #list: Int32Array;
  readonly #isGreen: Uint8Array;

  constructor(key: number, vocabSize: number, count: number) {
    this.#list = permuted(seedOf(BigInt(key)), vocabSize, count);
    this.#isGreen = new Uint8Array(vocabSize);
    for (const id of this.#list) this.#isGreen[id] = 1;
  }

  list(): Int32Array {
    return this.#list;
  }

  isGreen(_: readonly number[], token: number): boolean {
    return this.#isGreen[token] === 1;
  }
}

class LeftHash implements GreenLists {
  readonly contextLength: number;
  readonly includesToken = false;
  readonly #key: bigint;
  readonly #vocabSize: number;
  readonly #count: number;

  constructor({ hashingKey, contextWidth }: ResolvedKgw, vocabSize: number, count: number) {
    this.contextLength = contextWidth;
    this.#key = BigInt(hashingKey);
    this.#vocabSize = vocabSize;
    this.#count = count;
  }

  list(context: readonly number[]): Int32Array {
    return permuted(this.#seed(context), this.#vocabSize, this.#count);
  }

  isGreen(context: readonly number[], token: number): boolean {
    return isPermuted(this.#seed(context), this.#vocabSize, this.#count, token);
  }

  #seed(context: readonly number[]): number {
    return seedOf(this.#key * BigInt(context.at(-1)!));
  }
}

class SelfHash implements GreenLists {
  readonly contextLength: number;
  readonly includesToken = true;
  readonly #key: bigint;
  readonly #table: Int32Array;
  readonly #vocabSize: number;
  readonly #count: number;

  constructor({ hashingKey, contextWidth }: ResolvedKgw, vocabSize: number, count: number) {
    this.contextLength = contextWidth;
    this.#key = BigInt(hashingKey);
    // Ids that no vocabulary has need no entry.
    this.#table = permuted(seedOf(this.#key), TABLE, Math.min(vocabSize, TABLE)).slice();
    this.#vocabSize = vocabSize;
    this.#count = count;
  }

  list(context: readonly number[]): Int32Array {
    return permuted(this.#seed(context), this.#vocabSize, this.#count);
  }

  isGreen(context: readonly number[], token: number): boolean {
    return isPermuted(this.#seed(context), this.#vocabSize, this.#count, token);
  }

  /** From the smallest product, as a signed number of 64 bits, of the judged token and one of the context. */
  #seed(context: readonly number[]): number {
    const judged = this.#key * this.#random(context.at(-1)!);
    const products = context.map((id) => BigInt.asIntN(64, judged * this.#random(id)));
    return seedOf(products.reduce((least, each) => (each < least ? each : least)));
  }

  #random(id: number): bigint {
    return BigInt(this.#table[id % TABLE]! + 1);
  }
}

class GivenGreenLists implements GreenLists {
  readonly contextLength: number;
  readonly includesToken: boolean;
  readonly #lists: ReadonlyMap<string, ReadonlySet<number>>;

  constructor({ contextWidth, seedingScheme }: ResolvedKgw, lists: ReadonlyMap<string, ReadonlySet<number>>) {
    this.contextLength = contextWidth;
    this.includesToken = seedingScheme === 'selfhash';
    this.#lists = lists;
  }

  list(context: readonly number[]): Iterable<number> {
    return this.#lists.get(this.#name(context)) ?? [];
  }

  isGreen(context: readonly number[], token: number): boolean | undefined {
    return this.#lists.get(this.#name(context))?.has(token);
  }

  #name(context: readonly number[]): string {
    return this.includesToken ? context.join() : String(context.at(-1));
  }
}

/** The 32 bits of a seed that count, as transformers and PyTorch take them. */
function seedOf(hash: bigint): number {
  const most = 2n ** 64n - 1n;
  return Number(BigInt.asUintN(32, ((hash % most) + most) % most));
}
