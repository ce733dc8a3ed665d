import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healPrompt } from '../../src/generate/healing.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import { NaiveRow } from '../support/fake_core.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';

const tokenizer = await loadTokenizer(storiesTiny);
const START = tokenizer.eosTokenId!;
const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function healed(prompt: string) {
  const { ids, rest } = healPrompt(tokenizer.encode(prompt), tokenizer, START);
  return [ids[0] === START ? '' : tokenizer.decode(ids), text(rest)];
}

test('the last piece is taken off a prompt', () => {
  assert.equal(healed('Once upon a ti'), ['Once upon a', ' ti']);
  assert.equal(healed('Once upon a '), ['Once upon a', ' ']);
  assert.equal(healed('Once upon a time'), ['Once upon a', ' time']);
  assert.equal(healed('He said: "'), ['He said:', ' "']);
  assert.equal(healed('One day.\n\n'), ['One day.', '\n\n']);
  assert.equal(healed('Caf\u00e9 na\u00efv'), ['Caf\u00e9', ' na\u00efv']);
  assert.equal(healed('Onc'), ['', 'Onc']);
});

test('a prompt stays whole without a start token, after a special token, in half a character, and with a long end', () => {
  const once = tokenizer.encode('Onc');
  const isWhole = (ids: number[], start: number | undefined) => {
    const { createMask: _, ...healed } = healPrompt(ids, tokenizer, start);
    assert.equal(healed, { ids, rest: new Uint8Array(0), units: 0 });
  };
  isWhole(once, undefined);
  for (const ids of [
    [START],
    [...tokenizer.encode('Once'), START],
    tokenizer.encode('Once \u{1f600}').slice(0, -1),
    tokenizer.encode(`Once${' '.repeat(100)}`),
  ]) {
    isWhole(ids, START);
  }
  const after = healPrompt([START, ...once], tokenizer, undefined);
  assert.equal([after.ids, text(after.rest)], [[START], 'Onc']);
});

test('random prompts keep their bytes, and every allowed way writes the rest', () => {
  const random = randomSource(3001);
  const pieces = [
    'Once',
    ' upon',
    ' a',
    ' ti',
    'me',
    ' ',
    '\n',
    '"',
    '.',
    " don't",
    "'",
    '3',
    '\u00e9',
    '\u{1f600}',
    '!?',
  ];
  for (let round = 0; round < 150; round++) {
    const prompt = Array.from({ length: 1 + random.below(9) }, () => random.pick(pieces)).join('');
    const original = tokenizer.encode(prompt);
    const { ids, rest, units, createMask } = healPrompt(original, tokenizer, START);
    const kept = ids[0] === START ? '' : tokenizer.decode(ids);
    assert.is(kept + text(rest), prompt);
    assert.is(units, text(rest).length);
    const mask = createMask();
    let written = new Uint8Array(0);
    while (written.length < rest.length) {
      const logits = new Float32Array(tokenizer.vocabSize).map(() => random.uniform());
      const before = logits.slice();
      mask.apply(logits, new NaiveRow(logits));
      const allowed = [...logits.keys()].filter((id) => logits[id] !== Number.NEGATIVE_INFINITY);
      assert.ok(allowed.length > 0, `${JSON.stringify(prompt)} after ${text(written)}`);
      for (const id of allowed) assert.is(logits[id], before[id]);
      if (written.length === 0 && ids.length < original.length)
        assert.ok(allowed.includes(original[ids[0] === START ? 0 : ids.length]!));
      const id = random.pick(allowed);
      mask.push?.(id);
      written = Uint8Array.from([...written, ...tokenizer.tokenBytes(id)]);
    }
    assert.equal(written.subarray(0, rest.length), rest);
    const free = new Float32Array(tokenizer.vocabSize);
    mask.apply(free, new NaiveRow(free));
    assert.ok(free.every((logit) => logit === 0));
  }
});

test.run();
