import type { VocabularyTrie } from '../../../tokenizer/vocabulary_trie.js';
import type { Expression } from '../expressions/expression.js';
import type { BitSet } from './bit_set.js';
import { DEAD, StateTable } from './state_table.js';
import type { TokenMask } from './token_mask.js';

/** Larger subtrees are taken whole where a state stays the same with all their bytes. */
const SMALL = 16;
/** States that are kept in a table, 1 KB each; then it is begun again. */
const MOST_STATES = 4096;

/** Finds the tokens below a node of a trie that have a way from a state. */
export class SubtreeWalk {
  readonly #trie: VocabularyTrie;
  readonly #stack: Int32Array;
  #table: StateTable | undefined;

  constructor(trie: VocabularyTrie) {
    this.#trie = trie;
    this.#stack = new Int32Array(trie.longest + 1);
  }

  /** Adds the tokens to `mask`, and each node below at which the text may end to `exits`. */
  walk(state: Expression, node: number, mask: TokenMask, exits?: BitSet): void {
    if (this.#table === undefined || this.#table.size > MOST_STATES)
      this.#table = new StateTable(state.nothing);
    const table = this.#table;
    const stack = this.#stack;
    const { bytes, depths, ends, firstIds, groups } = this.#trie;
    const last = ends[node]!;
    const top = depths[node]!;
    stack[0] = table.number(state);
    for (let at = node + 1; at < last; ) {
      const depth = depths[at]! - top;
      const before = stack[depth - 1]!;
      const byte = bytes[at]!;
      let next = table.next[256 * before + byte]!;
      if (next < DEAD) next = table.step(before, byte);
      const end = ends[at]!;
      if (next === DEAD) {
        at = end;
        continue;
      }
      const mayEnd = exits !== undefined && table.nullable[next] === 1;
      if (end - at > SMALL && table.stays(next, groups[at]!)) {
        this.#addIds(firstIds[at]!, firstIds[end]!, mask);
        if (mayEnd) exits.addRange(at, end);
        at = end;
        continue;
      }
      stack[depth] = next;
      this.#addIds(firstIds[at]!, firstIds[at + 1]!, mask);
      if (mayEnd) exits.add(at);
      at++;
    }
  }

  #addIds(first: number, end: number, mask: TokenMask): void {
    const { ids } = this.#trie;
    for (let i = first; i < end; i++) mask.add(ids[i]!);
  }
}
