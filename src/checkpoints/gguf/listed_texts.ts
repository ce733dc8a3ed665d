import type { Texts } from '../../tokenizer/texts.js';
import type { StringList } from './string_list.js';

/** A code unit outside the byte alphabet. */
const NO_SYMBOL = 0xffff;

/** Strings of a header as the tokenizer reads them: those with the indexes in `chosen`, or all. */
export class ListedTexts implements Texts {
  readonly #list: StringList;
  readonly #chosen: readonly number[] | undefined;
  readonly longest: number;
  readonly total: number;

  constructor(list: StringList, chosen?: readonly number[]) {
    this.#list = list;
    this.#chosen = chosen;
    let longest = 0;
    let total = 0;
    for (let i = 0; i < list.length; i++) {
      const length = list.ends[i]! - list.starts[i]!;
      longest = Math.max(longest, length);
      total += length;
    }
    this.longest = longest;
    this.total = total;
  }

  get length(): number {
    return this.#chosen?.length ?? this.#list.length;
  }

  /** Characters from U+0800 on stand for no byte, so that all of them become `NO_SYMBOL`. */
  units(i: number, into: Uint16Array): number {
    const index = this.#chosen === undefined ? i : this.#chosen[i]!;
    const { bytes, starts, ends } = this.#list;
    const end = ends[index]!;
    let count = 0;
    for (let at = starts[index]!; at < end; count++) {
      const byte = bytes[at++]!;
      if (byte < 0x80) into[count] = byte;
      else if (byte < 0xe0) into[count] = ((byte & 0x1f) << 6) | (bytes[at++]! & 0x3f);
      else into[count] = NO_SYMBOL;
    }
    return count;
  }

  at(i: number): string | undefined {
    return this.#list.at(this.#chosen === undefined ? i : this.#chosen[i]!);
  }
}
