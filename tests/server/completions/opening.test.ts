import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { createHandler } from '../../../src/server.js';
import { loglikelihoodCases as cases } from '../../support/loglikelihood_cases.js';
import { holds } from '../../support/property.js';
import { ask } from '../../support/serving.js';

const folder = new URL('../../fixtures/lm/', import.meta.url);
const lm = await loadModel(fileURLToPath(folder), { build: 'simd' });
const stories = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({ models: { lm, stories } });
test.after(async () => {
  await handler.close();
  lm.dispose();
  stories.dispose();
});

const complete = async (body: object) => {
  const { status, body: answer } = await ask(handler, '/v1/completions', body);
  assert.is(status, 200, JSON.stringify(answer));
  return answer;
};

/** What lm-evaluation-harness sends for a batch of log-likelihoods. */
const HARNESS = { model: 'lm', temperature: 0, max_tokens: 1, logprobs: 1, seed: 1234, echo: true };

/** What it reads of a choice: the continuation begins at token `from`, and the last token was generated. */
function harnessResult(
  { token_logprobs, top_logprobs }: { token_logprobs: number[]; top_logprobs: object[] },
  from: number,
) {
  const logprobs = token_logprobs.slice(from, -1);
  const isGreedy = logprobs.every(
    (logprob, i) => logprob === Math.max(...Object.values(top_logprobs[from + i]!)),
  );
  return { logprobs, sum: logprobs.reduce((sum, logprob) => sum + logprob, 0), isGreedy };
}

test("lm-evaluation-harness's requests give its log-likelihoods", async () => {
  const { contextLength, eosTokenIds } = lm.config;
  const texts = cases.map(({ context, continuation, ...expected }) => {
    const before = context.length > 0 ? context : [eosTokenIds[0]!];
    const ids = [...before, ...continuation].slice(-(contextLength + 1));
    return { ids, from: ids.length - continuation.length, expected };
  });
  // Of texts that are longer than the context, all tokens are scored and none can follow.
  const [short, long] = [0, 1].map((over) =>
    texts.filter(
      ({ ids }) => ids.length - contextLength === over || (over === 0 && ids.length < contextLength),
    ),
  );
  assert.ok(short!.length > 3 && long!.length > 0);
  for (const [batch, body] of [
    [short!, HARNESS],
    [long!, { ...HARNESS, max_tokens: 0 }],
  ] as const) {
    const { choices } = await complete({ ...body, prompt: batch.map(({ ids }) => ids) });
    for (const [i, { ids, from, expected }] of batch.entries()) {
      const list = choices[i].logprobs;
      assert.is(list.token_logprobs[0], null);
      assert.is(list.token_logprobs.length, ids.length + body.max_tokens);
      for (const of of Object.values(list)) assert.is((of as unknown[]).length, ids.length + body.max_tokens);
      if (body.max_tokens === 0) for (const of of [list.token_logprobs, list.top_logprobs]) of.push(null);
      const { logprobs, sum, isGreedy } = harnessResult(list, from);
      assert.ok(Math.abs(sum - expected.logprob) < 1e-4, `case ${i}: ${sum}, ${expected.logprob}`);
      for (const [at, logprob] of expected.token_logprobs.entries()) {
        assert.ok(Math.abs(logprobs[at]! - logprob) < 1e-4, `case ${i}, token ${at}`);
      }
      assert.is(isGreedy, expected.is_greedy, `case ${i}`);
    }
  }
});

test('a batch of prompts of ids, up to the context, is scored as each alone; a longer one is refused', async () => {
  const { contextLength, vocabSize } = lm.config;
  for (const max_tokens of [0, 1]) {
    // Nothing is computed after the last token of a prompt that is only scored.
    const longest = contextLength + (max_tokens === 0 ? 1 : 0);
    const prompts = Array.from({ length: 32 }, (_, i) =>
      Array.from({ length: 1 + Math.floor((i * (longest - 1)) / 31) }, (_, at) => (7 * at + i) % vocabSize),
    );
    const body = { ...HARNESS, max_tokens };
    const { choices, usage } = await complete({ ...body, prompt: prompts });
    assert.is(choices.length, 32);
    assert.is(prompts.at(-1)!.length, longest);
    for (const [i, prompt] of prompts.entries()) {
      const { logprobs, index } = choices[i];
      assert.is(index, i);
      for (const list of Object.values(logprobs))
        assert.is((list as unknown[]).length, prompt.length + max_tokens);
      assert.equal(logprobs, (await complete({ ...body, prompt })).choices[0].logprobs);
    }
    assert.is(usage.prompt_tokens, prompts.flat().length);
    assert.is(usage.completion_tokens, 32 * max_tokens);

    const long = [...prompts.slice(1), [...prompts[31]!, 5]];
    const { status, body: answer } = await ask(handler, '/v1/completions', { ...body, prompt: long });
    const { code, param, message } = answer.error;
    assert.equal([status, code, param], [400, 'context_length_exceeded', 'prompt[31]']);
    assert.match(message, `${longest + 1} tokens; the model's context takes ${longest}`);
  }
});

test('an echo comes before each text, with the log-probabilities of both in one list', async () => {
  const body = { model: 'stories', prompt: 'One day, Tom', seed: 3, max_tokens: 6, logprobs: 1 };
  const alone = await complete({ ...body, n: 2 });
  const echoed = await complete({ ...body, n: 2, echo: true });
  const { logprobs } = await stories.score('One day, Tom', { start: false });
  for (const [i, { text, logprobs: list }] of echoed.choices.entries()) {
    assert.is(text, `One day, Tom${alone.choices[i].text}`);
    const count = logprobs.length + 1;
    assert.equal(list.token_logprobs.slice(0, count), [null, ...logprobs]);
    assert.equal(list.token_logprobs.slice(count), alone.choices[i].logprobs.token_logprobs);
    assert.is(list.top_logprobs[0], null);
    assert.is(list.tokens.join(''), text);
    assert.equal(list.text_offset.slice(0, 3), [0, 3, 7]);
  }
  assert.equal((await complete({ ...body, echo: true, logprobs: null })).choices[0].logprobs, null);
});

test('prompts are told again with each completion only as far as a request may ask for tokens', async () => {
  const narrow = createHandler({ models: { lm }, limits: { tokens: 20 } });
  const body = {
    prompt: [
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
    ],
    max_tokens: 0,
    logprobs: 0,
  };
  for (const told of [{ echo: true }, { prompt_logprobs: 0 }]) {
    assert.is((await ask(narrow, '/v1/completions', { ...body, ...told, n: 3 })).status, 200);
    const { status, body: answer } = await ask(narrow, '/v1/completions', { ...body, ...told, n: 4 });
    assert.equal([status, answer.error.param, answer.error.code], [400, 'n', 'too_many_tokens']);
    assert.match(answer.error.message, '30 tokens of prompts');
  }
  assert.is((await ask(narrow, '/v1/completions', { ...body, n: 4 })).status, 200);
  await narrow.close();
});

test('an answer lists no more log-probabilities than fit into memory', async () => {
  const prompt = Array(250).fill(Array(lm.config.contextLength).fill(1));
  const n = Math.ceil(2 ** 21 / 21 / 250 / lm.config.contextLength);
  const all = createHandler({ models: { lm }, limits: { tokens: 2 ** 30 } });
  for (const [told, param] of [
    [{ echo: true, logprobs: 20 }, 'logprobs'],
    [{ prompt_logprobs: 20 }, 'prompt_logprobs'],
  ] as const) {
    const { status, body } = await ask(all, '/v1/completions', {
      model: 'lm',
      prompt,
      max_tokens: 0,
      n,
      ...told,
    });
    assert.equal([status, body.error.param, body.error.code], [400, param, 'too_many_logprobs']);
  }
  await all.close();
});

test("prompt_logprobs are vLLM's: by token id, with ranks", async () => {
  const prompt = [...stories.tokenizer.encode('A cat cat')];
  const score = await stories.score(prompt, { start: false, top: 2 });
  const { choices } = await complete({ model: 'stories', prompt, max_tokens: 1, prompt_logprobs: 2, n: 2 });
  for (const { prompt_logprobs: found } of choices) {
    assert.is(found.length, prompt.length);
    assert.is(found[0], null);
    for (let i = 0; i < prompt.length - 1; i++) {
      const id = prompt[i + 1]!;
      const { logprob, rank, decoded_token } = found[i + 1][id];
      assert.equal([logprob, rank], [score.logprobs[i], score.ranks[i]]);
      assert.is(decoded_token, stories.tokenizer.decode([id]));
      const likeliest = score.top!.ids[2 * i]!;
      assert.is(found[i + 1][likeliest].rank, 1);
    }
  }
});

test('a prompt of one token has no log-probability, and each token a label of its own', async () => {
  const { choices } = await complete({
    model: 'lm',
    prompt: [[5], [6, 7]],
    max_tokens: 0,
    logprobs: 20,
    echo: true,
  });
  assert.equal(choices[0].logprobs, {
    ...{ tokens: ['token_id:5'], token_logprobs: [null], top_logprobs: [null], text_offset: [0] },
  });
  // 20 likeliest ones, and the token itself if it is not among them.
  assert.ok([20, 21].includes(Object.keys(choices[1].logprobs.top_logprobs[1]).length));
});

test('offsets count characters, also where tokens are parts of them', async () => {
  const text = 'A 🦆 naïve';
  const { choices } = await complete({
    model: 'stories',
    prompt: text,
    max_tokens: 0,
    logprobs: 0,
    echo: true,
  });
  const { tokens, text_offset } = choices[0].logprobs;
  assert.is(choices[0].text, text);
  const bytes = tokens.filter((token: string) => token.startsWith('bytes:\\x'));
  assert.ok(bytes.length > 1, tokens.join('|'));
  await holds(
    'text offsets',
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    async (prompt) => {
      const { choices } = await complete({
        model: 'stories',
        prompt,
        max_tokens: 0,
        logprobs: 0,
        echo: true,
      });
      const { tokens, text_offset } = choices[0].logprobs;
      assert.is(choices[0].text, prompt);
      const characters = [...prompt];
      for (const [i, token] of tokens.entries()) {
        const rest = characters.slice(text_offset[i]).join('');
        if (token.startsWith('bytes:')) assert.ok(rest !== '');
        else
          assert.ok(
            rest.startsWith(token),
            `${JSON.stringify(token)} at ${text_offset[i]} of ${JSON.stringify(prompt)}`,
          );
      }
    },
    60,
  );
  assert.is(text_offset[0], 0);
});

test.run();
