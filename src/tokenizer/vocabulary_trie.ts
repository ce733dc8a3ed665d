import { Gpt2Error } from '../base/errors.js';
import { bytesOfToken } from './bytes_of_token.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * All tokens that stand for text, as a trie of their bytes. Node 0 is the root; nodes come in depth-first order,
 * children by ascending byte, so that the nodes below `node` are those from node + 1 to ends[node] - 1, and the
 * tokens at and below it are those at ids[firstIds[node]] to ids[firstIds[ends[node]] - 1].
 */
export interface VocabularyTrie {
  /** The last byte of each node's path. */
  readonly bytes: Uint8Array;
  /** The number of bytes of each node's path. */
  readonly depths: Uint16Array;
  readonly parents: Int32Array;
  readonly ends: Int32Array;
  /** Token ids in the order of their bytes. Those whose bytes are a node's path begin at firstIds[node]. */
  readonly ids: Int32Array;
  readonly firstIds: Int32Array;
  /** By node: bit byte / 8 is 1 if such a byte is on a path below it. */
  readonly groups: Uint32Array;
  /** By byte: the nodes whose last byte it is. */
  readonly nodesOf: readonly Int32Array[];
  /** Bytes of the longest token. */
  readonly longest: number;
}

/** The tokens of a vocabulary that stand for text: those of few bytes, which are nearly all, and the others. */
export interface VocabularyTries {
  readonly short: VocabularyTrie;
  readonly long: VocabularyTrie;
}

/** Most bytes of a short token. */
const SHORT = 16;

const known = new WeakMap<Tokenizer, VocabularyTries>();

/** The tries of a tokenizer's vocabulary, made once. Special tokens are left out, since their text is no text. */
export function vocabularyTries(tokenizer: Tokenizer): VocabularyTries {
  let tries = known.get(tokenizer);
  if (tries === undefined) {
    if (tokenizer.dependsOnNext) throw notByBytes(tokenizer);
    const tokens = textTokens(tokenizer);
    tries = {
      short: createTrie(tokens.filter(({ path }) => path.length <= SHORT)),
      long: createTrie(tokens.filter(({ path }) => path.length > SHORT)),
    };
    known.set(tokenizer, tries);
  }
  return tries;
}

/** The error for a tokenizer whose tokens do not tell the text: a decoder changes them by what comes after. */
function notByBytes({ kind }: Tokenizer): Gpt2Error {
  return new Gpt2Error(
    'unsupported',
    `formats and banned texts need tokens that add the same bytes wherever they are; a tokenizer of the kind ${kind} ` +
      'whose decoder drops or joins tokens has none such',
  );
}

/** A token and its bytes, each as a character. */
interface TextToken {
  readonly id: number;
  readonly path: string;
}

/** `tokens`: in the order of their bytes. */
function createTrie(tokens: readonly TextToken[]): VocabularyTrie {
  const total = tokens.reduce((sum, { path }) => sum + path.length, 1);
  const bytes = new Uint8Array(total);
  const depths = new Uint16Array(total);
  const parents = new Int32Array(total);
  const ends = new Int32Array(total);
  const firstIds = new Int32Array(total + 1);
  const open = [0];
  let count = 1;
  let before = '';
  for (const [index, { path }] of tokens.entries()) {
    let common = 0;
    while (common < before.length && common < path.length && before[common] === path[common]) common++;
    while (open.length > common + 1) ends[open.pop()!] = count;
    for (let depth = common; depth < path.length; depth++) {
      bytes[count] = path.charCodeAt(depth);
      depths[count] = depth + 1;
      parents[count] = open.at(-1)!;
      firstIds[count] = index;
      open.push(count++);
    }
    before = path;
  }
  for (const node of open) ends[node] = count;
  firstIds[count] = tokens.length;
  const groups = new Uint32Array(count);
  for (let node = count - 1; node > 0; node--) {
    groups[parents[node]!]! |= groups[node]! | (1 << (bytes[node]! >>> 3));
  }
  const nodesOf: number[][] = Array.from({ length: 256 }, () => []);
  for (let node = 1; node < count; node++) nodesOf[bytes[node]!]!.push(node);
  return {
    groups,
    nodesOf: nodesOf.map((nodes) => Int32Array.from(nodes)),
    bytes: bytes.slice(0, count),
    depths: depths.slice(0, count),
    parents: parents.slice(0, count),
    ends: ends.slice(0, count),
    ids: Int32Array.from(tokens, ({ id }) => id),
    firstIds: firstIds.slice(0, count + 1),
    longest: tokens.reduce((most, { path }) => Math.max(most, path.length), 0),
  };
}

/** The tokens with text, in the order of their bytes. */
function textTokens(tokenizer: Tokenizer): TextToken[] {
  const special = new Set(tokenizer.specialTokens.values());
  const latin1 = (bytes: Uint8Array) => bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
  // A tokenizer without files decodes parts of characters to U+FFFD, which is not their text.
  const replacement = 'hasNoGaps' in tokenizer ? latin1(new TextEncoder().encode('\ufffd')) : undefined;
  const tokens: TextToken[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const path = special.has(id) ? '' : latin1(bytesOfToken(tokenizer, id) ?? new Uint8Array(0));
    if (path === '' || (replacement !== undefined && path.includes(replacement))) continue;
    tokens.push({ id, path });
  }
  return tokens.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.id - b.id));
}
