// A call with more than about 120,000 arguments throws a RangeError, so that lists of untrusted length are never spread in one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append } from '../../src/base/append.js';
import { checkOptionNames } from '../../src/base/check_options.js';
import { Gpt2Error } from '../../src/base/errors.js';
import { SequenceBias } from '../../src/generate/processors/sequence_bias.js';
import { SequenceBreakers } from '../../src/generate/processors/sequence_breakers.js';
import { stopRule } from '../../src/generate/search/stop_rule.js';
import { tokenizerOfJson } from '../../src/tokenizer/files/of_json.js';
import { createTokenizer } from '../../src/tokenizer/read_tokenizer.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';

const MANY = 300_000;

test('a long list is appended', () => {
  const list = [1];
  append(list, new Array<number>(MANY).fill(2));
  assert.is(list.length, MANY + 1);
});

test('many biases of sequences and many stop strings are taken', () => {
  const bias = new SequenceBias(
    Array.from({ length: MANY }, () => ({ tokens: [1, 2], bias: 1 })),
    [1],
  );
  const logits = new Float32Array(4);
  bias.apply(logits);
  assert.is(logits[2], MANY);
  assert.not(new SequenceBreakers(new Array<string>(MANY).fill('zz'), fakeTokenizer).push(1));
  const isStop = stopRule(new Array<string>(MANY).fill('zz'), fakeTokenizer, 0);
  assert.not(isStop([1]));
});

test('a long piece of bytes is encoded and decoded', async () => {
  const vocab = { '<0x61>': 0, '<0xE2>': 1, '<0x82>': 2, '<0xAC>': 3 };
  const tokenizer = createTokenizer(
    await tokenizerOfJson(
      'tokenizer.json',
      {
        model: { type: 'BPE', byte_fallback: true, vocab, merges: [] },
        decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
      },
      { addedTokens: undefined, specialTokensMap: undefined, tokenizerConfig: undefined },
    ),
  );
  const text = '€'.repeat(MANY / 3);
  const ids = tokenizer.encode(text);
  assert.is(ids.length, MANY);
  assert.is(tokenizer.decode(ids), text);
});

test('an unknown option with a long name is refused at once, in a short message', () => {
  const known = Array.from({ length: 200 }, (_, i) => `option${i}`);
  try {
    checkOptionNames('generate', { ['x'.repeat(1e6)]: 1 }, known);
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof Gpt2Error);
    assert.ok(error.message.length < 4000);
  }
});

test.run();
