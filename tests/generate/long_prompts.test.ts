import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel, type Tokenizer } from '../../src/index.js';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import { randomSource } from '../support/random.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { leastWork } from '../support/work.js';
import { randomText } from '../tokenizer/helpers.js';

const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));

/** A tokenizer of the letters a and b; `model` may name an unknown token for other letters. */
const letters = (model: object): Promise<Tokenizer> =>
  tokenizerFromSource(
    memorySource('letters', {
      'tokenizer.json': JSON.stringify({
        model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2, '?': 3 }, merges: ['a b'], ...model },
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
        added_tokens: [{ id: 4, content: '<t>', special: true }],
      }),
    }),
  );

test('the tokens of a text are given up to a number, and none beyond', async () => {
  const random = randomSource(3);
  const tokenizers = [
    gpt2,
    await letters({}),
    await letters({ unk_token: '?' }),
    await letters({ unk_token: '?', fuse_unk: true }),
  ];
  for (let trial = 0; trial < 400; trial++) {
    const tokenizer = random.pick(tokenizers);
    const text = random.pick([
      randomText(random, 200),
      'ab'.repeat(random.below(200)),
      'abx<t>'.repeat(random.below(9)),
    ]);
    const options = { allowedSpecial: random.pick(['none', 'all'] as const) };
    const ids = tokenizer.encode(text, options);
    for (const most of [0, random.below(ids.length + 1), ids.length - 1, ids.length, ids.length + 5]) {
      const expected = ids.length <= most ? ids : undefined;
      assert.equal(tokenizer.encodeUpTo(text, most, options), expected, JSON.stringify({ text, most }));
    }
  }
});

for (const [name, text] of [
  ['words', Array.from({ length: 400_000 }, (_, i) => `w${i.toString(36)}`).join(' ')],
  ['one word', 'abcdefgh'.repeat(400_000)],
] as const) {
  test(`a text of MB that has too many tokens is not encoded to its end: ${name}`, () => {
    const whole = leastWork(() => gpt2.encode(text));
    const refused = leastWork(() => assert.is(gpt2.encodeUpTo(text, 4096), undefined));
    assert.ok(refused < whole / 4, `${refused} ms to refuse what takes ${whole} ms to encode`);
  });
}

test('texts far beyond the context are refused, and cut or scored in windows where that was asked for', async () => {
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const { contextLength } = model.config;
  const long = 'Once upon a time there was a fox. '.repeat(contextLength);
  const message = new RegExp(
    `more than ${4 * contextLength} tokens and the model's context ${contextLength}`,
  );
  await thrown(() => model.generate(long), 'context-full', message, 'contextFull');
  await thrown(() => model.session().generate(long), 'context-full', message);
  await thrown(() => model.score(long), 'context-full', message, 'set stride');
  const { usage } = await model.generate(long, { contextFull: 'shift', maxTokens: 1 });
  assert.ok(usage.promptTokens < contextLength);
  const some = long.slice(0, 20_000);
  assert.is(
    (await model.score(some, { stride: contextLength })).tokens.length,
    model.tokenizer.encode(some).length,
  );
  model.dispose();
});

test('a session takes texts of any number of tokens', async () => {
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const session = model.session();
  session.append(new Int32Array(300_000).fill(5));
  session.append('a '.repeat(300_000));
  session.append(new Int32Array(300_000).fill(5));
  await thrown(() => session.generate(), 'context-full', /the prompt has \d{6} tokens/);
  model.dispose();
});

test.run();
