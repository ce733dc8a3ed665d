import { Gpt2Error } from '../../base/errors.js';
import { DoubleArray } from '../pipeline/normalizers/double_array.js';

/** Most bytes of a rule's result: those of Unicode's NFKC have 33, and a text grows by no more than this. */
const MOST_RESULT_BYTES = 256;

/**
 * The rules by which SentencePiece replaces characters: a trie and, after it, the results, each ended by a
 * zero byte.
 */
export class Charsmap {
  readonly #trie: DoubleArray;
  /** All results. */
  readonly results: Uint8Array;
  /** Bytes of the text that the last rule found replaces. */
  length = 0;

  /** Throws `invalid-file` for a charsmap that is cut off, or whose results are too long. */
  constructor(file: string, charsmap: Uint8Array) {
    const wrong = (problem: string) =>
      new Gpt2Error('invalid-file', `${file}: precompiled_charsmap ${problem}`);
    if (charsmap.length <= 4) throw wrong('is cut off');
    const view = new DataView(charsmap.buffer, charsmap.byteOffset, charsmap.byteLength);
    const size = view.getUint32(0, true);
    if (4 + size >= charsmap.length) throw wrong('is cut off');
    this.#trie = new DoubleArray(
      Uint32Array.from({ length: size >>> 2 }, (_, i) => view.getUint32(4 + 4 * i, true)),
    );
    this.results = charsmap.subarray(4 + size);
    for (let at = 0, end = 0; at < this.results.length; at = end + 1) {
      end = this.resultEnd(at);
      if (end - at > MOST_RESULT_BYTES) throw wrong(`has a rule with a result of ${end - at} bytes`);
    }
  }

  /**
   * Finds the rule for the most bytes at the start of bytes[start, end), and returns the place of its result
   * in `results`; -1 if there is none.
   */
  find(bytes: Uint8Array, start: number, end: number): number {
    const found = this.#trie.find(bytes, start, end, true);
    if (found === undefined || found.value >= this.results.length) return -1;
    this.length = found.end - start;
    return found.value;
  }

  /** The place of the zero byte that ends the result at `at`. */
  resultEnd(at: number): number {
    const end = this.results.indexOf(0, at);
    return end === -1 ? this.results.length : end;
  }
}
