import { invalidOption } from '../../base/check_options.js';

/** A part of a batch: the `index`-th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** I/N. Throws `invalid-option`. */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw invalidOption('--shard', text, 'I/N, such as 1/8 to 8/8');
  }
  return { index, count };
}

/**
 * The requests of a shard, `[from, to)`: a piece of the file, so that the outputs of all shards one after the other are
 * that of the whole. Pieces differ by one request at most.
 */
export function rangeOf({ index, count }: Shard, requests: number): readonly [from: number, to: number] {
  return [Math.floor(((index - 1) * requests) / count), Math.floor((index * requests) / count)];
}
