import type { VocabularyTrie } from '../../../tokenizer/vocabulary_trie.js';
import type { Expression } from '../expressions/expression.js';
import { Choice, headOf, OneByte, Sequence } from '../expressions/nodes.js';
import { Inside } from './inside.js';
import { SubtreeWalk } from './subtree_walk.js';
import { TokenMask } from './token_mask.js';

/** A subtree of fewer nodes is walked again each time. */
const SMALL_SUBTREE = 512;

/**
 * Finds the tokens of a trie that may come next in the states of an automaton. Much of the vocabulary is walked only
 * inside the first part of a sequence, whose result holds wherever that part occurs; what follows it concerns only the
 * tokens that reach over its end. (After the context-independent tokens of XGrammar, Dong et al. 2024.)
 */
export class TrieMasks {
  readonly #trie: VocabularyTrie;
  readonly #walk: SubtreeWalk;
  readonly #size: number;
  readonly #insides = new Map<Expression, Map<number, Inside>>();
  #byteLength = 0;

  /** `size`: one more than the highest id of a token. */
  constructor(trie: VocabularyTrie, size: number) {
    this.#trie = trie;
    this.#walk = new SubtreeWalk(trie);
    this.#size = size;
  }

  /** Bytes that are kept for later states. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Adds the tokens below `node` whose rest has a way from `state`. */
  collect(state: Expression, node: number, mask: TokenMask): void {
    const head = headOf(state);
    // After a certain byte few tokens are left, and those of several alternatives are found together.
    if (this.#trie.ends[node]! - node <= SMALL_SUBTREE || head instanceof OneByte) {
      this.#walk.walk(state, node, mask);
      return;
    }
    const ways = waysOf(state);
    if (ways.length > 1) {
      const [literal, ...literals] = ways.filter((way) => headOf(way) instanceof OneByte);
      if (literal !== undefined) this.#walk.walk(literal.or(literals), node, mask);
      for (const way of ways) if (!(headOf(way) instanceof OneByte)) this.collect(way, node, mask);
      return;
    }
    if (head.recorded !== undefined) {
      this.#collectRecording(state, head.recorded, node, mask);
      return;
    }
    const inside = this.#inside(head.within(this.#trie.longest), node);
    mask.addAll(inside.mask);
    if (!(state instanceof Sequence)) return;
    for (const exit of inside.exitsBefore(state.tail)) this.collect(state.tail, exit, mask);
  }

  /** As `collect`, for a state that begins with a recording one, of which `recorded` is the shared form. */
  #collectRecording(state: Expression, recorded: Expression, node: number, mask: TokenMask): void {
    const inside = this.#inside(recorded.within(this.#trie.longest), node);
    const own = new TokenMask(this.#size);
    own.addAll(inside.mask);
    for (const path of state.exceptions) this.#removeDead(state, node, path, own);
    for (const exit of inside.innerExits) this.collect(this.#after(state, node, exit), exit, own);
    mask.addAll(own);
  }

  /** Removes the tokens along `path` from which the state has no way on. */
  #removeDead(state: Expression, node: number, path: Uint8Array, mask: TokenMask): void {
    const { ends, firstIds, ids } = this.#trie;
    let at = node;
    let rest = state;
    for (const byte of path) {
      at = this.#child(at, byte);
      if (at === -1) return;
      rest = rest.step(byte);
      if (!rest.isNothing) continue;
      for (let i = firstIds[at]!; i < firstIds[ends[at]!]!; i++) mask.delete(ids[i]!);
      return;
    }
  }

  #child(node: number, byte: number): number {
    const { bytes, ends } = this.#trie;
    for (let child = node + 1; child < ends[node]!; child = ends[child]!)
      if (bytes[child] === byte) return child;
    return -1;
  }

  /** The state after the bytes from one node to another below it. */
  #after(state: Expression, from: number, to: number): Expression {
    const { bytes, parents } = this.#trie;
    return to === from ? state : this.#after(state, from, parents[to]!).step(bytes[to]!);
  }

  #inside(state: Expression, node: number): Inside {
    const byNode = this.#insides.get(state) ?? new Map<number, Inside>();
    this.#insides.set(state, byNode);
    let inside = byNode.get(node);
    if (inside === undefined) {
      inside = new Inside(this.#trie, this.#walk, state, node, this.#size);
      byNode.set(node, inside);
      this.#byteLength += inside.byteLength;
    }
    return inside;
  }
}

/** The ways in which a text can continue: the alternatives, with those that record apart. */
function waysOf(state: Expression): Expression[] {
  if (state instanceof Choice) return state.alternatives.flatMap(waysOf);
  if (!(state instanceof Sequence && state.head instanceof Choice && state.records)) return [state];
  return state.head.alternatives.flatMap((each) => waysOf(state.withHead(each)));
}
