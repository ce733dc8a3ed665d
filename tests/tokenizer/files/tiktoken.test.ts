import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTiktoken } from '../../../src/tokenizer/files/tiktoken.js';
import { holds } from '../../support/property.js';
import { asFile, byteLevelTokenizer, textFixture } from './other_files.js';

const base64 = (token: string) => btoa(token);
const read = (lines: string, settings = {}, label = 'source: gpt2.tiktoken') =>
  readTiktoken({ label, text: lines }, settings);

/** tiktoken's method: of all neighbours, those merge first whose join has the lowest rank. */
function literalMerge(ranks: ReadonlyMap<string, number>, piece: string): number[] {
  if (ranks.has(piece)) return [ranks.get(piece)!];
  const parts = [...piece];
  for (;;) {
    let best = -1;
    const rankAt = (i: number) => ranks.get(parts[i]! + parts[i + 1]!) ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < parts.length; i++) {
      if (rankAt(i) < (best === -1 ? Number.POSITIVE_INFINITY : rankAt(best))) best = i;
    }
    if (best === -1) return parts.map((part) => ranks.get(part)!);
    parts.splice(best, 2, parts[best]! + parts[best + 1]!);
  }
}

test('any ranks merge as tiktoken merges them', async () => {
  const letters = fc.constantFrom('a', 'b', 'c');
  const token = (most: number) =>
    fc.array(letters, { minLength: 2, maxLength: most }).map((parts) => parts.join(''));
  await holds(
    'tiktoken ranks',
    fc.tuple(
      fc.uniqueArray(token(5), { maxLength: 20 }),
      fc.array(letters, { maxLength: 14 }).map((parts) => parts.join('')),
    ),
    async ([longer, text]) => {
      const tokens = ['a', 'b', 'c', ...longer];
      const ranks = new Map(tokens.map((token, rank) => [token, rank]));
      const lines = tokens.map((token, rank) => `${base64(token)} ${rank}`).join('\n');
      const tokenizer = await byteLevelTokenizer(read(lines, { special_tokens: {} }));
      assert.equal(tokenizer.encode(text), text === '' ? [] : literalMerge(ranks, text));
    },
    150,
  );
});

test('the name of a file says its pattern and its special tokens', async () => {
  const lines = `${base64('a')} 0\n${base64(' ')} 1\n${base64('aa')} 2\n`;
  const tokenizer = await byteLevelTokenizer(read(lines));
  assert.equal([...tokenizer.specialTokens], [['<|endoftext|>', 50256]]);
  assert.equal(tokenizer.encode('aaa a<|endoftext|>', { allowedSpecial: 'all' }), [2, 0, 1, 0, 50256]);
  assert.is(tokenizer.decode([2, 1, 0, 50256]), 'aa a<|endoftext|>');
  const { pre_tokenizer: split } = asFile(read(lines, {}, 'x: cl100k_base.tiktoken'));
  assert.match(split.pretokenizers[0]!.pattern.Regex, /\{1,3\}/);
  assert.is(split.pretokenizers[1]!.use_regex, false);
});

test('an encoding of its own is said by pat_str and special_tokens', () => {
  const expected = JSON.parse(textFixture('tiktoken/expected.json'));
  const { pat_str, special_tokens } = expected;
  const json = asFile(
    read(textFixture('tiktoken/tiny.tiktoken'), { pat_str, special_tokens }, 'a: tiny.tiktoken'),
  );
  assert.is(json.pre_tokenizer.pretokenizers[0]!.pattern.Regex, pat_str);
  assert.is(json.added_tokens[0]!.id, 419);
  assert.is(Object.keys(json.model.vocab).length, 419);
});

test('an unknown encoding and damaged lines are refused', () => {
  const line = `${base64('a')} 0`;
  assert.throws(() => read(line, {}, 'a: tiny.tiktoken'), /says none of the encodings gpt2, r50k_base/);
  assert.throws(() => read(''), /has no tokens/);
  assert.throws(() => read('no token'), /line 1 is not a token in base64 and its rank/);
  assert.throws(() => read(`${line}\nYQ 1`), /line 2 is not a token|line 2 repeats/);
  assert.throws(() => read(`${line}\n${base64('b')} 0`), /line 2 repeats/);
  assert.throws(() => read(`${line}\n${line}`), /line 2 repeats/);
  assert.throws(() => read(`${line}\n${base64('b')} 1e3`), /line 2 is not/);
  assert.throws(() => read(line, { special_tokens: { x: 'y' } }), /special_tokens must be an object/);
});

test.run();
