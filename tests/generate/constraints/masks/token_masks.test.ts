import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anyText, codePoints } from '../../../../src/generate/constraints/expressions/code_points.js';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { TokenMasks } from '../../../../src/generate/constraints/masks/token_masks.js';
import type { Tokenizer } from '../../../../src/tokenizer/tokenizer.js';
import { vocabularyTries } from '../../../../src/tokenizer/vocabulary_trie.js';
import { holds } from '../../../support/property.js';
import { build, plans, stateAfter } from '../../../support/random_expression.js';

/** A tokenizer of these texts, the first of which is special. */
function tokenizerOf(texts: readonly string[]): Tokenizer {
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  return {
    vocabSize: texts.length,
    specialTokens: new Map([[texts[0]!, 0]]),
    tokenBytes: (id: number) => bytes[id]!,
  } as unknown as Tokenizer;
}

function assertMask(state: Expression, tokenizer: Tokenizer, masks: TokenMasks, about: string): void {
  const mask = masks.of(state);
  const logits = new Float32Array(tokenizer.vocabSize + 3).fill(1);
  mask.apply(logits);
  for (let id = 0; id < logits.length; id++) {
    const isText = id > 0 && id < tokenizer.vocabSize;
    const bytes = isText ? [...tokenizer.tokenBytes(id)] : [];
    const allowed = isText && bytes.length > 0 && !bytes.reduce((at, byte) => at.step(byte), state).isNothing;
    assert.is(logits[id], allowed ? 1 : Number.NEGATIVE_INFINITY, `token ${id} ${about}`);
  }
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '"', 'é', ' '), maxLength: 24 });

test('a mask has the tokens whose bytes have a way from the state, small vocabularies', async () => {
  const inputs = fc.tuple(plans, fc.array(letters, { minLength: 2, maxLength: 80 }), letters);
  await holds(
    'masks',
    inputs,
    async ([plan, texts, prefix]) => {
      const make = new Expressions();
      const tokenizer = tokenizerOf(texts);
      const masks = new TokenMasks(vocabularyTries(tokenizer), texts.length + 3);
      const start = build(make, plan);
      for (const state of [start, stateAfter(start, prefix)])
        assertMask(state, tokenizer, masks, JSON.stringify(plan));
    },
    300,
  );
});

test('masks of counted and quoted text over a large vocabulary', async () => {
  const texts = Array.from({ length: 6000 }, (_, i) => {
    const word = i.toString(5).replace(/\d/g, (digit) => 'abé" '[Number(digit)]!);
    return i % 7 === 0 ? word.repeat(3) : word;
  });
  const tokenizer = tokenizerOf(texts);
  const inputs = fc.tuple(
    fc.nat(40),
    fc.nat(40),
    letters.map((text) => text.replaceAll('"', '')),
  );
  await holds(
    'counted masks',
    inputs,
    async ([min, more, prefix]) => {
      const make = new Expressions();
      const masks = new TokenMasks(vocabularyTries(tokenizer), texts.length + 3);
      const inside = codePoints(make, [
        [0x20, 0x21],
        [0x23, 0x10ffff],
      ]);
      const quoted = (min: number, max: number) =>
        make.sequence(make.literal('"'), make.repeat(inside, min, max), make.literal('"'));
      const list = make.rule('list', false, () =>
        make.sequence(
          quoted(min, min + more),
          make.choice([make.literal('a'), make.sequence(make.literal(' '), list)]),
        ),
      );
      const start = make.choice([list, make.sequence(make.literal('b'), anyText(make))]);
      for (const text of ['', '"', `"${prefix}`, `"${prefix}" "`, `b${prefix}`]) {
        const state = stateAfter(start, text);
        if (!state.isNothing) assertMask(state, tokenizer, masks, `after ${text}`);
      }
    },
    30,
  );
});

test.run();
