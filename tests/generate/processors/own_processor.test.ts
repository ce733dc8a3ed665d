import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GenerateOptions } from '../../../src/generate/options.js';
import type { LogitsContext, LogitsProcessor } from '../../../src/generate/processors/logits_processor.js';
import { Session } from '../../../src/generate/session.js';
import { FakeCore, NaiveRow } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

const PROMPT = [3, 4, 5];
const V = fakeTokenizer.vocabSize;
const core = new FakeCore();

const generate = (options: GenerateOptions, prompt: readonly number[] = PROMPT) =>
  new Session(core, fakeTokenizer, unsaved).generate(prompt, { maxTokens: 8, bannedTokens: [0], ...options });

/** The option with an object whose method this is. */
const own = (apply: LogitsProcessor['apply']) => ({ processors: [{ apply }] });

test('a processor gets prompt and tokens, and the logits after the penalties of all options', async () => {
  const seen: { prompt: number[]; tokens: number[] }[] = [];
  const processor = own((logits, { prompt, tokens, softmax, logSumExp }: LogitsContext) => {
    seen.push({ prompt: prompt.slice(), tokens: tokens.slice() });
    const row = new NaiveRow(core.logitsOf([...prompt, ...tokens]));
    row.values.fill(Number.NEGATIVE_INFINITY, V);
    row.values[0] = Number.NEGATIVE_INFINITY;
    assert.equal([...logits], [...row.values]);
    assert.ok(Math.abs(logSumExp() - row.logSumExp()) < 1e-6);
    for (const temperature of [undefined, 0.5]) {
      const right = row.softmax(temperature ?? 1);
      assert.ok(softmax(temperature).every((each, id) => Math.abs(each - right[id]!) < 1e-6));
    }
  });
  const { tokens } = await generate({ ...processor, seed: 1 });
  assert.equal(
    seen,
    tokens.map((_, length) => ({ prompt: PROMPT, tokens: tokens.slice(0, length) })),
  );
});

test('what it writes decides: with bans of all but one token, that one is drawn, by searches too', async () => {
  const only = own((logits, { tokens }) => {
    logits.fill(Number.NEGATIVE_INFINITY);
    logits[10 + tokens.length] = 1;
  });
  const expected = [10, 11, 12, 13, 14, 15, 16, 17];
  for (const options of [{}, { temperature: 0 }, { beams: 3 }, { penaltyAlpha: 0.5, topK: 4 }, { n: 2 }]) {
    const { choices } = await generate({ ...only, ...options });
    for (const { tokens } of choices) assert.equal(tokens, expected, JSON.stringify(options));
  }
});

test('with beams the logits are log-probabilities, and each beam has its own tokens', async () => {
  const texts = new Set<string>();
  const processor = own((logits, { tokens, softmax, logSumExp }) => {
    texts.add(tokens.join());
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    assert.ok(total <= 1 && Math.abs(logSumExp() - Math.log(total)) < 1e-6);
    softmax().forEach((each, id) => {
      assert.ok(Math.abs(each - Math.exp(logits[id]!) / total) < 1e-6);
    });
  });
  const { choices } = await generate({ ...processor, beams: 3, returned: 3, maxTokens: 4 });
  for (const { tokens } of choices) {
    for (let length = 0; length < tokens.length; length++)
      assert.ok(texts.has(tokens.slice(0, length).join()));
  }
});

test('a function makes a processor for each completion, which may keep something', async () => {
  let made = 0;
  const counting = () => {
    made++;
    let calls = 0;
    return {
      apply(logits: Float32Array, { tokens }: LogitsContext) {
        assert.is(tokens.length, calls++);
        logits.fill(0, 1, V);
      },
    };
  };
  const { choices } = await generate({ processors: [counting], n: 3 });
  assert.equal([made, choices.length], [3, 3]);
});

test('several are applied in their order', async () => {
  const order: string[] = [];
  const named = (name: string): LogitsProcessor => ({ apply: () => void order.push(name) });
  await generate({ processors: [named('a'), () => named('b'), named('c')], maxTokens: 2 });
  assert.is(order.join(''), 'abcabc');
});

test('a banned token stays banned, also one that no text has', async () => {
  const reviving = own((logits) => {
    logits.fill(5);
    logits[60] = 1000;
  });
  const { tokens } = await generate({
    ...reviving,
    seed: 1,
    bannedTokens: Array.from({ length: V - 2 }, (_, id) => id),
  });
  assert.equal([...new Set(tokens)].sort(), [V - 2, V - 1]);
});

test('NaN, Infinity and promises are refused by the name of the processor, and errors come through', async () => {
  const nothing = { apply: () => {} };
  const second = (apply: (logits: Float32Array) => unknown) =>
    generate({ processors: [nothing, { apply: apply as LogitsProcessor['apply'] }] });
  for (const [value, word] of [
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ] as const) {
    const call = () =>
      second((logits) => {
        logits[7] = value;
      });
    await thrown(call, 'invalid-option', `processors[1].apply set the logit of token 7 to ${word}`);
  }
  await thrown(() => second(async () => {}), 'invalid-option', 'processors[1].apply returned a promise');
  const failing = second(() => {
    throw new RangeError('mine');
  });
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, RangeError);
  const all = own((logits) => {
    logits.fill(Number.NEGATIVE_INFINITY);
  });
  for (const options of [{}, { beams: 2 }, { penaltyAlpha: 0.5, topK: 4 }, { typicalP: 0.5 }]) {
    await thrown(() => generate({ ...all, ...options }), 'invalid-option', 'no token is left');
  }
});

test('a function must make an object with the method', async () => {
  const processors = [() => ({}) as LogitsProcessor];
  await thrown(() => generate({ processors }), 'invalid-option', 'processors[0]', 'apply');
});

test.run();
