/** A checked watermark with all defaults filled in. */
export type ResolvedWatermark = ResolvedKgw | ResolvedUnigram | ResolvedSynthId;

export interface ResolvedKgw {
  readonly kind: 'kgw';
  readonly greenlistRatio: number;
  readonly bias: number;
  readonly hashingKey: number;
  readonly seedingScheme: 'lefthash' | 'selfhash';
  readonly contextWidth: number;
  /** Given green lists, by ids joined by commas. */
  readonly greenlists: ReadonlyMap<string, ReadonlySet<number>> | undefined;
}

export interface ResolvedUnigram {
  readonly kind: 'unigram';
  readonly greenlistRatio: number;
  readonly bias: number;
  readonly key: number;
}

export interface ResolvedSynthId {
  readonly kind: 'synthid';
  readonly ngramLen: number;
  readonly keys: readonly number[];
  readonly contextHistorySize: number;
  readonly skipFirstNgramCalls: boolean;
  /** Zeros and ones, as many as a power of two. */
  readonly samplingTable: Uint8Array;
}
