import { Gpt2Error } from '../../base/errors.js';

/** Most bytes of a rule's result: those of Unicode's NFKC have 33, and a text grows by no more than this. */
const MOST_RESULT_BYTES = 256;
/** Rules of which the longest is chosen, as in SentencePiece. */
const MOST_RULES = 32;

/**
 * The rules by which SentencePiece replaces characters: a double-array trie (Yata et al. 2007, the format of
 * Darts-clone) and, after it, the results, each ended by a zero byte.
 */
export class Charsmap {
  readonly #units: Uint32Array;
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
    this.#units = new Uint32Array(size >>> 2);
    for (let i = 0; i < this.#units.length; i++) this.#units[i] = view.getUint32(4 + 4 * i, true);
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
    const units = this.#units;
    let found = -1;
    let rules = 0;
    let node = offsetOf(units[0] ?? 0);
    for (let at = start; at < end && rules < MOST_RULES; at++) {
      const byte = bytes[at]!;
      node ^= byte;
      const unit = units[node];
      if (unit === undefined || (unit & 0x800000ff) !== byte) break;
      node ^= offsetOf(unit);
      if ((unit & 0x100) === 0) continue;
      rules++;
      found = (units[node] ?? 0) & 0x7fffffff;
      this.length = at + 1 - start;
    }
    return found < this.results.length ? found : -1;
  }

  /** The place of the zero byte that ends the result at `at`. */
  resultEnd(at: number): number {
    const end = this.results.indexOf(0, at);
    return end === -1 ? this.results.length : end;
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
