import { isContinuation } from '../../base/utf8.js';
import type { VocabularyTrie, VocabularyTries } from '../../tokenizer/vocabulary_trie.js';
import { isBanned, type TextScanner, unbanned } from './text_scanner.js';

/** Tokens by their first byte: all, or those that continue a character, or all others. */
export type Part = 'all' | 'continuing' | 'beginning';

/** Nodes with all nodes below them: the first one, and the one after the last. */
type Range = readonly [from: number, to: number];

/**
 * Receives the tokens whose bytes have a result of scanning, and returns whether to go on: those with exactly these
 * bytes, or, if the result is banned, all that begin with them.
 */
export type Visit = (ids: Int32Array, result: number) => boolean;

/** Reads the tokens of a vocabulary after a state. */
export class TokenReader {
  readonly #scanner: TextScanner;
  readonly #tries: readonly {
    readonly trie: VocabularyTrie;
    readonly ranges: Record<Part, readonly Range[]>;
  }[];

  constructor(scanner: TextScanner, { short, long }: VocabularyTries) {
    this.#scanner = scanner;
    this.#tries = [short, long].map((trie) => ({ trie, ranges: rangesOf(trie) }));
  }

  /** The ids of a part of the tokens. */
  ids(part: Part): Int32Array[] {
    return this.#tries.flatMap(({ trie: { ids, firstIds }, ranges }) =>
      ranges[part].map(([from, to]) => ids.subarray(firstIds[from], firstIds[to])),
    );
  }

  /** Tokens with which `twin`, a second state, has the same result are left out. */
  read(part: Part, state: number, visit: Visit, twin?: number): void {
    for (const { trie, ranges } of this.#tries) {
      for (const range of ranges[part]) if (!this.#walk(trie, range, state, twin, visit)) return;
    }
  }

  #walk(
    trie: VocabularyTrie,
    [from, to]: Range,
    state: number,
    twin: number | undefined,
    visit: Visit,
  ): boolean {
    const { bytes, depths, ends, ids, firstIds, longest } = trie;
    const scanner = this.#scanner;
    // By the depth of a node on the path.
    const states = new Float64Array(longest + 1);
    const twins = new Float64Array(longest + 1);
    states[0] = state;
    twins[0] = twin ?? 0;
    for (let node = from; node < to; ) {
      const depth = depths[node]!;
      const byte = bytes[node]!;
      const result = scanner.scan(states[depth - 1]!, byte);
      const next = isBanned(result) ? ends[node]! : node + 1;
      states[depth] = result;
      if (twin !== undefined) {
        const other = scanner.scan(twins[depth - 1]!, byte);
        if (result === other) {
          node = ends[node]!;
          continue;
        }
        twins[depth] = isBanned(other) ? unbanned(other) : other;
      }
      const [first, last] = [firstIds[node]!, firstIds[next]!];
      if (last > first && !visit(ids.subarray(first, last), result)) return false;
      node = next;
    }
    return true;
  }
}

function rangesOf({ bytes, ends }: VocabularyTrie): Record<Part, readonly Range[]> {
  const to = ends[0]!;
  let first = 1;
  while (first < to && bytes[first]! < 0x80) first = ends[first]!;
  let last = first;
  while (last < to && isContinuation(bytes[last]!)) last = ends[last]!;
  return {
    all: [[1, to]],
    continuing: [[first, last]],
    beginning: [
      [1, first],
      [last, to],
    ],
  };
}
