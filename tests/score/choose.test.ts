import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error, loadModel } from '../../src/index.js';
import { choose } from '../../src/score/choose.js';
import { idsOnly } from '../../src/tokenizer/ids_only.js';
import { FakeCore } from '../support/fake_core.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';
import { holds } from '../support/property.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const folder = new URL('../fixtures/lm/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

interface Case {
  readonly context: readonly number[];
  readonly choices: readonly (readonly number[])[];
  readonly texts: readonly string[];
  readonly logprobs: readonly number[];
  readonly pick: number;
  readonly pick_bytes: number;
}

/** The character of each token of the expected results. */
const { characters } = read('rolling.json') as { characters: string[] };
const lm = await loadModel(fileURLToPath(folder), {
  build: 'simd',
  tokenizer: {
    encode: (text: string) => Array.from(text, (character) => characters.indexOf(character)),
    decode: (ids: number[]) => ids.map((id) => characters[id]).join(''),
  },
});
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  lm.dispose();
  stories.dispose();
});

const NO_TEXT = idsOnly(new Gpt2Error('not-found', 'no tokenizer'), 64);

test("choices score, and the best is found, as in EleutherAI's harness: by log-probability and by bytes", async () => {
  for (const { context, choices, texts, logprobs, pick, pick_bytes } of read('choices.json')
    .cases as Case[]) {
    const chosen = await lm.choose(context, choices);
    assert.is(chosen.index, pick);
    assert.is(chosen.text, texts[pick]);
    chosen.logprobs.forEach((logprob, i) => {
      assert.ok(Math.abs(logprob - logprobs[i]!) < 1e-4 * Math.abs(logprobs[i]!));
    });
    assert.equal(chosen.scores, chosen.logprobs);
    const byBytes = await lm.choose(context, texts, { by: 'bytes' });
    assert.is(byBytes.index, pick_bytes);
    assert.equal(byBytes.logprobs, chosen.logprobs);
    assert.equal(
      byBytes.scores,
      chosen.logprobs.map((logprob, i) => logprob / Buffer.byteLength(texts[i]!)),
    );
    const byMean = await lm.choose(context, choices, { by: 'mean' });
    const means = chosen.logprobs.map((logprob, i) => logprob / choices[i]!.length);
    assert.equal(byMean.scores, means);
    assert.is(byMean.index, means.indexOf(Math.max(...means)));
    assert.equal(byMean.probabilities, chosen.probabilities);
    const total = logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0);
    chosen.probabilities.forEach((probability, i) => {
      assert.ok(Math.abs(probability - Math.exp(logprobs[i]!) / total) < 1e-4);
    });
  }
});

const ids = fc.array(fc.nat(63), { minLength: 1, maxLength: 9 });

test('a choice has the log-probability that its tokens have in the score of the whole text', () =>
  holds(
    'choices',
    fc.record({ context: ids, choices: fc.array(ids, { minLength: 1, maxLength: 6 }) }),
    async ({ context, choices }) => {
      const { logprobs, index } = await stories.choose(context, choices);
      for (const [i, choice] of choices.entries()) {
        const whole = await stories.score([...context, ...choice], { start: false });
        const rest = [...whole.logprobs].slice(context.length - 1);
        const sum = rest.reduce((total, logprob) => total + logprob, 0);
        if (choice.length === 1) assert.is(Math.fround(logprobs[i]!), sum);
        assert.ok(Math.abs(logprobs[i]! - sum) < 1e-5 * Math.max(1, -sum), `${logprobs[i]} ${sum}`);
      }
      assert.is(logprobs[index], Math.max(...logprobs));
      assert.is(logprobs.indexOf(logprobs[index]!), index);
    },
    20,
  ));

test('the prompt is evaluated once, and the choices in one batch after it', async () => {
  const core = new FakeCore();
  const context = [5, 6, 7, 8];
  const { logprobs } = await choose(core, NO_TEXT, context, [[1], [2, 3], [4, 9, 10], [2, 3]], {});
  assert.equal(core.batches, [1, 3]);
  assert.is(core.takeEvaluated(), context.length + 1 + 2 + 1);
  assert.is(logprobs[1], logprobs[3]);
  assert.is(core.pool.counts.used, 0);
  const short = await choose(core, NO_TEXT, [...context, 1], [[1], [2]], {});
  assert.is(core.batches.length, 3);
  assert.is(short.text, '');
});

test('a text is encoded together with the prompt, whose last spaces are its first', async () => {
  const { tokenizer } = stories;
  const context = tokenizer.encode('Once upon a');
  const time = tokenizer.encode('Once upon a time').slice(context.length);
  const expected = await stories.choose(context, [time, tokenizer.encode(' cat')]);
  for (const [prompt, choices] of [
    ['Once upon a', [' time', ' cat']],
    ['Once upon a ', ['time', 'cat']],
  ] as const) {
    const chosen = await stories.choose(prompt, choices);
    assert.equal(chosen.logprobs, expected.logprobs);
    assert.is(chosen.text, choices[expected.index]);
    assert.is(chosen.index, expected.index);
  }
  // Ids follow the prompt as it is.
  const spaced = await stories.choose('Once upon a ', [time]);
  assert.equal(spaced.logprobs, (await stories.choose(tokenizer.encode('Once upon a '), [time])).logprobs);
  // A token would cross the border: "Onc" and "e" are one.
  const [apart, alone] = [tokenizer.encode('Onc'), tokenizer.encode('e upon')];
  assert.not.equal([...apart, ...alone], tokenizer.encode('Once upon'));
  assert.equal(
    (await stories.choose('Onc', ['e upon'])).logprobs,
    (await stories.choose(apart, [alone])).logprobs,
  );
  const end = stories.config.eosTokenIds[0]!;
  const hi = tokenizer.encode('Hi');
  assert.equal((await stories.choose('', ['Hi'])).logprobs, (await stories.choose([end], [hi])).logprobs);
});

test('as many choices as one likes share the prompt, and leave nothing behind', async () => {
  const core = new FakeCore({ contextLength: 64, vocabSize: 64 });
  const choices = Array.from({ length: 3000 }, (_, i) => [i % 64, (i * 7) % 64, (i >> 6) % 64]);
  const { logprobs } = await choose(core, fakeTokenizer, [1, 2, 3], choices, {});
  assert.is(core.takeEvaluated(), 3 + 2 * choices.length);
  assert.ok(core.pool.counts.total < 600, `${core.pool.counts.total} pages`);
  const one = await choose(core, fakeTokenizer, [1, 2, 3], [choices[2222]!], {});
  assert.is(one.logprobs[0], logprobs[2222]);
  assert.is(core.pool.counts.used, 0);
});

test('what cannot be chosen among is refused by name', async () => {
  const { contextLength } = stories.config;
  for (const choices of [[], 'yes', undefined, {}, null] as never[]) {
    await thrown(() => stories.choose('a', choices), 'invalid-option', 'choices', 'a list of one or more');
  }
  await thrown(() => stories.choose('a', ['b', '']), 'invalid-option', 'choices[1] is empty');
  await thrown(() => stories.choose('a', [[1], []]), 'invalid-option', 'choices[1] is empty');
  await thrown(() => stories.choose('a', ['b', [1]]), 'invalid-option', 'choices[1] is an array', 'a text');
  await thrown(() => stories.choose('a', [[1], 'b']), 'invalid-option', 'choices[1]', 'array of token ids');
  await thrown(
    () => stories.choose('a', ['b', ...new Array(1)]),
    'invalid-option',
    'choices[1] is undefined',
  );
  await thrown(() => stories.choose('a', [[1], [-1]]), 'invalid-option', 'token 0 of choices[1] is -1');
  await thrown(() => stories.choose('a', ['b'], { by: 'words' as never }), 'invalid-option', 'by', 'bytes');
  await thrown(() => stories.choose('a', ['b'], { stride: 1 } as never), 'invalid-option', 'stride');
  await thrown(() => stories.choose('a', ['b'], { signal: AbortSignal.abort() }), 'aborted', 'choosing');
  const words = (count: number) => ' cat'.repeat(count);
  for (const long of [words(contextLength + 1), words(20 * contextLength)]) {
    await thrown(() => stories.choose('a', ['b', long]), 'context-full', 'choices[1]', `${contextLength}`);
    await thrown(() => stories.choose(long, ['b']), 'context-full', `${contextLength}`);
  }
  const full = new Array<number>(contextLength).fill(5);
  assert.is((await stories.choose(full, [[1], [2]])).logprobs.length, 2);
  await thrown(() => stories.choose(full, [[1], [1, 2]]), 'context-full', 'choices[1]');
  const core = new FakeCore();
  await thrown(() => choose(core, NO_TEXT, [1], ['a'], {}), 'not-found');
  await thrown(
    () => choose(core, NO_TEXT, [1], [[2]], { by: 'bytes' }),
    'invalid-option',
    'choices[0] has no bytes',
  );
});

test.run();
