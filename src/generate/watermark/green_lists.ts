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
  /** Names the list after a context: equal lists of long contexts have one name. */
  name(context: readonly number[]): string | number;
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
  return new SeededGreenLists(watermark, vocabSize, count);
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

  name(): number {
    return 0;
  }

  list(): Int32Array {
    return this.#list;
  }

  isGreen(_: readonly number[], token: number): boolean {
    return this.#isGreen[token] === 1;
  }
}

/** Gives the seed of the list after a context. */
type Seed = (context: readonly number[]) => number;

class SeededGreenLists implements GreenLists {
  readonly contextLength: number;
  readonly includesToken: boolean;
  readonly name: Seed;
  readonly #vocabSize: number;
  readonly #count: number;

  constructor({ contextWidth, seedingScheme, hashingKey }: ResolvedKgw, vocabSize: number, count: number) {
    this.contextLength = contextWidth;
    this.includesToken = seedingScheme === 'selfhash';
    this.name = (this.includesToken ? selfHash : leftHash)(BigInt(hashingKey), vocabSize);
    this.#vocabSize = vocabSize;
    this.#count = count;
  }

  list(context: readonly number[]): Int32Array {
    return permuted(this.name(context), this.#vocabSize, this.#count);
  }

  isGreen(context: readonly number[], token: number): boolean {
    return isPermuted(this.name(context), this.#vocabSize, this.#count, token);
  }
}

function leftHash(key: bigint): Seed {
  return (context) => seedOf(key * BigInt(context.at(-1)!));
}

/** From the smallest product, as a signed number of 64 bits, of the judged token and one of the context. */
function selfHash(key: bigint, vocabSize: number): Seed {
  // Ids that no vocabulary has need no entry.
  const table = permuted(seedOf(key), TABLE, Math.min(vocabSize, TABLE)).slice();
  const random = (id: number) => BigInt(table[id % TABLE]! + 1);
  return (context) => {
    const judged = key * random(context.at(-1)!);
    const products = context.map((id) => BigInt.asIntN(64, judged * random(id)));
    return seedOf(products.reduce((least, each) => (each < least ? each : least)));
  };
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
    return this.#lists.get(this.name(context)) ?? [];
  }

  isGreen(context: readonly number[], token: number): boolean | undefined {
    return this.#lists.get(this.name(context))?.has(token);
  }

  name(context: readonly number[]): string {
    return this.includesToken ? context.join() : String(context.at(-1));
  }
}

/** The 32 bits of a seed that count, as transformers and PyTorch take them. */
function seedOf(hash: bigint): number {
  const most = 2n ** 64n - 1n;
  return Number(BigInt.asUintN(32, ((hash % most) + most) % most));
}
