import { Gpt2Error } from '../../base/errors.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { vocabularyTries } from '../../tokenizer/vocabulary_trie.js';
import type { ResolvedBannedTexts } from './banned_texts.js';
import { BannedTextsMask } from './banned_texts_mask.js';
import { TextScanner } from './text_scanner.js';
import { TokenBans, type TokenRoles } from './token_bans.js';
import { TokenReader } from './token_reader.js';

/** A completion whose text must not have banned texts. */
export interface MaskedCompletion {
  readonly bannedTexts: ResolvedBannedTexts;
  readonly tokenizer: Tokenizer;
  readonly prompt: readonly number[];
  /** Bytes of the given prompt after these tokens, which the completion writes again. */
  readonly rest: Uint8Array;
  /** Most tokens of the completion; may be infinite. */
  readonly most: number;
  /** Fewest tokens before one of `endTokens`. */
  readonly least: number;
  /** Tokens that end the text. */
  readonly endTokens: readonly number[];
  readonly bannedTokens: readonly number[];
  readonly stop: readonly string[];
  /** Whether the text may also end after any other token, since it has the form that it must have. */
  readonly endsAnywhere: boolean;
}

/** The scanner and the bans of a completion, kept for the next one of the same tokenizer with the same options. */
interface Found {
  readonly key: string;
  readonly scanner: TextScanner;
  readonly bans: TokenBans;
}

const latest = new WeakMap<Tokenizer, Found>();

/**
 * Makes the function that makes the mask of a completion, for each of its choices or beams.
 *
 * Throws `invalid-option` if no text is possible.
 */
export function maskCreator(completion: MaskedCompletion): () => BannedTextsMask {
  const { tokenizer, prompt, rest, most } = completion;
  const { scanner, bans } = foundFor(completion);
  const special = new Set(tokenizer.specialTokens.values());
  let state = 0;
  for (const id of prompt) {
    const bytes = special.has(id) ? undefined : bytesOfToken(tokenizer, id);
    state = bytes === undefined ? 0 : bans.stateAfter(state, bytes);
  }
  state = scanner.begin(bans.stateAfter(state, rest));
  if (!bans.canGoOn(state, most)) {
    throw new Gpt2Error(
      'invalid-option',
      'bannedTexts leave no text: however it begins, it comes to one of them; ban fewer',
    );
  }
  return () => new BannedTextsMask(bans, tokenizer, { state, healed: rest.length, most });
}

function foundFor({
  tokenizer,
  bannedTexts,
  stop,
  endTokens,
  bannedTokens,
  most,
  least,
  endsAnywhere,
}: MaskedCompletion): Found {
  const hasEnd = endTokens.some((id) => !bannedTokens.includes(id));
  const endsWithin = hasEnd ? (least === 0 ? Infinity : most - least) : -Infinity;
  const key = JSON.stringify([bannedTexts, stop, endTokens, bannedTokens, String(endsWithin), endsAnywhere]);
  let found = latest.get(tokenizer);
  if (found?.key !== key) {
    const scanner = new TextScanner(bannedTexts, stop);
    const reader = new TokenReader(scanner, vocabularyTries(tokenizer));
    const others = tokensOutside(reader, tokenizer).filter(([id]) => !endTokens.includes(id));
    const bans = new TokenBans(
      scanner,
      reader,
      { ends: endTokens, banned: bannedTokens, others, endsAnywhere },
      endsWithin,
    );
    found = { key, scanner, bans };
    latest.set(tokenizer, found);
  }
  return found;
}

/** The tokens of a vocabulary that the reader lacks, and their bytes. */
function tokensOutside(reader: TokenReader, tokenizer: Tokenizer): TokenRoles['others'] {
  const isInside = new Uint8Array(tokenizer.vocabSize);
  for (const ids of reader.ids('all')) for (const id of ids) isInside[id] = 1;
  const others: [id: number, bytes: Uint8Array][] = [];
  for (let id = 0; id < isInside.length; id++) {
    const bytes = isInside[id] === 1 ? undefined : bytesOfToken(tokenizer, id);
    if (bytes !== undefined) others.push([id, bytes]);
  }
  return others;
}
