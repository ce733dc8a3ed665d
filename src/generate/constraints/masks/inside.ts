import type { VocabularyTrie } from '../../../tokenizer/vocabulary_trie.js';
import type { Expression } from '../expressions/expression.js';
import { BitSet } from './bit_set.js';
import { firstBytes } from './first_bytes.js';
import type { SubtreeWalk } from './subtree_walk.js';
import { TokenMask } from './token_mask.js';

/** The tokens below a node of a trie that stay within an expression, and the nodes at which its text may end. */
export class Inside {
  readonly mask: TokenMask;
  readonly #trie: VocabularyTrie;
  readonly #node: number;
  /** Nodes below `#node`, and itself. */
  readonly #exits: BitSet;
  #innerExits: number[] | undefined;
  /** Exits before the bytes of a set, by the bytes. */
  readonly #before = new Map<string, readonly number[]>();

  /** `size`: one more than the highest id of a token. */
  constructor(trie: VocabularyTrie, walk: SubtreeWalk, state: Expression, node: number, size: number) {
    this.mask = new TokenMask(size);
    this.#trie = trie;
    this.#node = node;
    const exits = new BitSet(trie.bytes.length);
    if (state.isNullable) exits.add(node);
    walk.walk(state, node, this.mask, exits);
    this.#exits = exits;
  }

  get byteLength(): number {
    return this.mask.byteLength + this.#exits.byteLength;
  }

  /** The exits below which a token continues. */
  get innerExits(): readonly number[] {
    if (this.#innerExits === undefined) {
      const { ends } = this.#trie;
      this.#innerExits = [];
      for (let at = this.#node; at < ends[this.#node]!; at++) {
        if (this.#exits.has(at) && ends[at]! > at + 1) this.#innerExits.push(at);
      }
    }
    return this.#innerExits;
  }

  /** The exits below which a token continues with a byte that may begin `tail`. */
  exitsBefore(tail: Expression): readonly number[] {
    const first = firstBytes(tail);
    const key = first.join();
    let exits = this.#before.get(key);
    if (exits === undefined) {
      const { nodesOf, parents } = this.#trie;
      const found = new Set<number>();
      for (const byte of first) {
        for (const child of nodesOf[byte]!) {
          const parent = parents[child]!;
          if (this.#exits.has(parent)) found.add(parent);
        }
      }
      exits = [...found];
      this.#before.set(key, exits);
    }
    return exits;
  }
}
