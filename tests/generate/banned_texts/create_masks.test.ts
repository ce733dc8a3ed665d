import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BannedTextsMask } from '../../../src/generate/banned_texts/banned_texts_mask.js';
import { type MaskedCompletion, maskCreator } from '../../../src/generate/banned_texts/create_masks.js';
import { hasBanned } from '../../support/banned_in.js';
import { pieceTokenizer } from '../../support/piece_tokenizer.js';
import { holds } from '../../support/property.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

const CHARACTERS = ['a', 'b', 'A', ' ', '.', 'é', 'e', '\u0301', 'ß', 's', '😀', '1'];
const text = (most: number) =>
  fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: most }).map((all) => all.join(''));

/** Some bytes of a text, which need not be whole characters. */
const piece = fc.tuple(text(3), fc.nat(3), fc.integer({ min: 1, max: 6 })).map(([from, start, length]) => {
  const bytes = utf8(from);
  const at = Math.min(start, bytes.length - 1);
  return bytes.slice(at, at + length);
});

const settings = fc
  .record({
    pieces: fc.array(piece, { minLength: 1, maxLength: 9 }),
    prompt: text(4),
    bannedTexts: fc.record({
      texts: fc.array(text(3), { minLength: 1, maxLength: 4 }),
      ignoreCase: fc.boolean(),
      ignoreAccents: fc.boolean(),
      wholeWords: fc.boolean(),
    }),
    most: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 60 })),
    least: fc.nat(2),
    hasEnd: fc.boolean(),
    bannedTokens: fc.array(fc.nat(3), { maxLength: 1 }),
  })
  .filter(
    ({ bannedTexts }) =>
      !(bannedTexts.ignoreAccents && bannedTexts.texts.some((each) => /^\p{M}*$/u.test(each))),
  );
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function caseOf({ pieces, prompt, hasEnd, bannedTokens, most, least, ...rest }: Settings) {
  const end = utf8('<|aé|>');
  const tokenizer = pieceTokenizer(
    [...pieces, end, ...[...utf8(prompt)].map((byte) => Uint8Array.of(byte))],
    [pieces.length],
  );
  return {
    ...rest,
    ...{
      tokenizer,
      most,
      least: Math.min(least, most),
      rest: new Uint8Array(0),
      stop: [],
      endsAnywhere: false,
    },
    promptText: prompt,
    prompt: Array.from(utf8(prompt), (_, i) => pieces.length + 1 + i),
    endTokens: hasEnd ? [pieces.length] : [],
    // A special token that does not end the text, and the bytes of the prompt, are not drawn.
    bannedTokens: [
      ...bannedTokens.filter((id) => id < pieces.length),
      ...Array.from(utf8(prompt), (_, i) => pieces.length + 1 + i),
      ...(hasEnd ? [] : [pieces.length]),
    ],
  };
}

type Case = MaskedCompletion & { readonly promptText: string };

const textOf = ({ tokenizer, endTokens }: Case, ids: readonly number[]) =>
  tokenizer.decode(ids.filter((id) => !endTokens.includes(id)));

/**
 * Whether some way to complete the tokens has no banned text. A character of which they have only a part is not
 * completed: the masks do not look for the many ways to do so.
 */
function isPossible(all: Case, ids: readonly number[]): boolean {
  const isOver = ids.length === all.most || all.endTokens.includes(ids.at(-1)!);
  if (hasBanned(all.promptText, textOf(all, ids), all.bannedTexts)) {
    // What follows a word's letters can still make another word of it.
    if (isOver || !all.bannedTexts.wholeWords) return false;
  } else if (isOver) return true;
  const isPart = endsInside(ids.map((id) => all.tokenizer.tokenBytes(id)));
  const continues = (id: number) => isPart && (all.tokenizer.tokenBytes(id)[0]! & 0xc0) === 0x80;
  return Array.from({ length: all.tokenizer.vocabSize }, (_, id) => id).some(
    (id) => isDrawn(all, ids, id) && !continues(id) && isPossible(all, [...ids, id]),
  );
}

/** Whether bytes end with a part of a character. */
function endsInside(parts: readonly Uint8Array[]): boolean {
  const decoder = new TextDecoder();
  for (const part of parts) decoder.decode(part, { stream: true });
  return decoder.decode() !== '';
}

function isDrawn({ bannedTokens, endTokens, least }: Case, ids: readonly number[], id: number): boolean {
  return !bannedTokens.includes(id) && !(endTokens.includes(id) && ids.length < least);
}

/** The mask of a completion; undefined if no text is possible. */
function maskOf(all: Case): BannedTextsMask | undefined {
  try {
    return maskCreator(all)();
  } catch (error) {
    assert.match((error as Error).message, /^bannedTexts leave no text/);
    return undefined;
  }
}

/** The only token has the banned text. */
const IMPOSSIBLE: Settings = {
  pieces: [utf8('a')],
  prompt: 'b',
  bannedTexts: { texts: ['a'], ignoreCase: false, ignoreAccents: false, wholeWords: false },
  ...{ most: 1, least: 0, hasEnd: false, bannedTokens: [] },
};

/** So few tokens are left that all texts can be tried. */
const FEW = 3;

test('random vocabularies: no text has a banned one, and a token is banned only if none is possible', async () => {
  let compared = 0;
  let impossible = 0;
  await holds(
    'bannedTexts',
    fc.tuple(settings.map(caseOf), fc.infiniteStream(fc.nat())),
    async ([all, random]) => {
      const mask = maskOf(all);
      if (mask === undefined) {
        if (all.most <= FEW) assert.not(isPossible(all, []));
        impossible++;
        return;
      }
      const ids: number[] = [];
      while (ids.length < all.most && !all.endTokens.includes(ids.at(-1)!)) {
        const logits = new Float32Array(all.tokenizer.vocabSize);
        mask.apply(logits);
        const may = [...logits.keys()].filter((id) => isDrawn(all, ids, id));
        const allowed = may.filter((id) => logits[id]! > Number.NEGATIVE_INFINITY);
        assert.ok(allowed.length > 0, 'a dead end');
        if (all.most - ids.length <= FEW) {
          const possible = may.filter((id) => isPossible(all, [...ids, id]));
          assert.equal(
            allowed,
            possible,
            JSON.stringify({
              ids,
              pieces: Array.from({ length: all.tokenizer.vocabSize }, (_, i) =>
                String(all.tokenizer.tokenBytes(i)),
              ),
            }),
          );
          compared++;
        }
        const id = allowed[random.next().value! % allowed.length]!;
        mask.push(id);
        ids.push(id);
      }
      assert.not(hasBanned(all.promptText, textOf(all, ids), all.bannedTexts), textOf(all, ids));
    },
    600,
    [[caseOf(IMPOSSIBLE), fc.stream([0].values())]],
  );
  // Some 1,100 are compared in 600 runs.
  assert.ok(compared > 100 && impossible > 0);
});

test.run();
