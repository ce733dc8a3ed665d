import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Choice, embeddedModel, type GenerateOptions, loadModel } from '../../../src/index.js';
import { createHandler } from '../../../src/server.js';
import { ask } from '../../support/serving.js';

const PROMPT = 'Once upon a time';
const SAMPLED = { max_tokens: 30, temperature: 0.9, top_p: 0.9, seed: 5 };
const SAME: GenerateOptions = { maxTokens: 30, temperature: 0.9, topP: 0.9, seed: 5 };

const model = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({ models: { stories: model } });
test.after(async () => {
  await handler.close();
  model.dispose();
});

const complete = async (body: object) => {
  const { status, body: answer } = await ask(handler, '/v1/completions', body);
  assert.is(status, 200, JSON.stringify(answer));
  return answer;
};
const textsOf = ({ choices }: { choices: { text: string }[] }) => choices.map(({ text }) => text);

test('a completion is the one of the library', async () => {
  const expected = await model.generate(PROMPT, { ...SAME, n: 2, stop: ['.'] });
  const answer = await complete({
    prompt: PROMPT,
    ...SAMPLED,
    n: 2,
    stop: '.',
    model: 'stories',
    user: 'me',
  });
  assert.is(answer.object, 'text_completion');
  assert.match(answer.id, /^cmpl-/);
  assert.is(answer.model, 'stories');
  assert.ok(Math.abs(answer.created - Date.now() / 1000) < 60);
  assert.equal(
    answer.choices,
    expected.choices.map(({ index, text, finishReason }) => ({
      ...{ index, text, logprobs: null, finish_reason: finishReason === 'length' ? 'length' : 'stop' },
    })),
  );
  const { promptTokens, completionTokens } = expected.usage;
  assert.equal(answer.usage, {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  });
});

test("OpenAI's defaults hold, for what is left out and for null", async () => {
  const expected = await model.generate(PROMPT, { maxTokens: 16, temperature: 1, topP: 1, seed: 1 });
  const nothing = {
    temperature: null,
    max_tokens: null,
    stop: null,
    logit_bias: null,
    suffix: null,
    stream: null,
  };
  const answer = await complete({ prompt: PROMPT, seed: 1, ...nothing });
  assert.is(answer.choices[0].text, expected.text);
  assert.is(answer.usage.completion_tokens, 16);
});

test('every parameter of the library has its effect under its name', async () => {
  const banned = model.tokenizer.encode(',')[0]!;
  const cases: [body: object, options: GenerateOptions][] = [
    [{ top_k: 3 }, { topK: 3 }],
    [{ top_k: -1 }, {}],
    [{ min_p: 0.2 }, { minP: 0.2 }],
    [{ repetition_penalty: 1.5 }, { repetitionPenalty: 1.5 }],
    [{ frequency_penalty: 1.5 }, { frequencyPenalty: 1.5 }],
    [{ presence_penalty: -1.5 }, { presencePenalty: -1.5 }],
    [{ logit_bias: { [banned]: -100 } }, { logitBias: { [banned]: -100 } }],
    [{ min_tokens: 25 }, { minTokens: 25 }],
    [{ ignore_eos: true }, { ignoreEos: true }],
    [{ stop: ['a', 'e'] }, { stop: ['a', 'e'] }],
    [{ seed: -3 }, { seed: 2 ** 53 - 3 }],
    [{ seed: 2 ** 53 - 1 }, { seed: 2 ** 53 - 1 }],
    // JSON's numbers of 64 bits are rounded to some multiple.
    [{ seed: 2 ** 60 + 2 ** 12 }, { seed: 2 ** 12 }],
    [{ seed: -(2 ** 63) }, { seed: 0 }],
    [{ guided_regex: '[a-z ]{9}' }, { format: { regex: '[a-z ]{9}' } }],
    [{ guided_choice: ['yes', 'no'] }, { format: { choices: ['yes', 'no'] } }],
    [{ guided_json: { type: 'boolean' } }, { format: { jsonSchema: { type: 'boolean' } } }],
    [{ guided_json: '{"type":"boolean"}' }, { format: { jsonSchema: { type: 'boolean' } } }],
    [{ grammar: 'root ::= "a" [b-d]+ "."' }, { format: { grammar: 'root ::= "a" [b-d]+ "."' } }],
  ];
  for (const [body, options] of cases) {
    const expected = await model.generate(PROMPT, { ...SAME, ...options });
    const answer = await complete({ prompt: PROMPT, ...SAMPLED, ...body });
    assert.is(answer.choices[0].text, expected.text, JSON.stringify(body));
  }
});

test('a list of prompts, texts or token ids, is answered as each alone, in its order', async () => {
  const prompts = [PROMPT, 'The dog', '', 'Lily'];
  const ids = prompts.map((prompt) => [...model.tokenizer.encode(prompt)]);
  const alone = [];
  for (const prompt of prompts) alone.push(...textsOf(await complete({ prompt, ...SAMPLED, n: 2 })));
  for (const prompt of [prompts, ids, [prompts[0], ids[1], prompts[2], ids[3]]]) {
    const { choices, usage } = await complete({ prompt, ...SAMPLED, n: 2 });
    assert.equal(textsOf({ choices }), alone);
    assert.equal(
      choices.map(({ index }: { index: number }) => index),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    // An empty prompt is the token that begins a text.
    assert.is(
      usage.prompt_tokens,
      ids.reduce((sum, { length }) => sum + Math.max(1, length), 0),
    );
  }
  assert.equal(textsOf(await complete({ prompt: ids[1], ...SAMPLED, n: 2 })), alone.slice(2, 4));
});

test('greedy completions are computed once, whatever their number', async () => {
  const { text, usage } = await model.generate(PROMPT, { maxTokens: 9, temperature: 0 });
  const answer = await complete({ prompt: PROMPT, max_tokens: 9, temperature: 0, n: 2, best_of: 3 });
  assert.equal(textsOf(answer), [text, text]);
  assert.is(answer.usage.completion_tokens, 3 * usage.completionTokens);
});

test('best_of gives the candidates with the highest log-probability for each token', async () => {
  const all = await model.generate(PROMPT, { ...SAME, n: 8, logprobs: 0 });
  const mean = ({ logprobs }: Choice) =>
    logprobs!.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs!.length;
  const best = all.choices.slice().sort((a, b) => mean(b) - mean(a));
  const answer = await complete({ prompt: PROMPT, ...SAMPLED, n: 3, best_of: 8 });
  assert.equal(
    textsOf(answer),
    best.slice(0, 3).map(({ text }) => text),
  );
  assert.is(answer.choices[0].logprobs, null);
  assert.is(answer.usage.completion_tokens, all.usage.completionTokens);
});

test('log-probabilities are those of the library, with the sampled token among the likeliest', async () => {
  const { logprobs } = await model.generate(PROMPT, { ...SAME, logprobs: 2 });
  const { choices } = await complete({ prompt: PROMPT, ...SAMPLED, logprobs: 2 });
  const [{ text, logprobs: found }] = choices;
  assert.equal(
    found.tokens,
    logprobs!.map(({ text }) => text),
  );
  assert.is(found.tokens.join(''), text);
  assert.equal(
    found.token_logprobs,
    logprobs!.map(({ logprob }) => logprob),
  );
  const tops = logprobs!.map(({ text, logprob, top }) =>
    Object.fromEntries([...top.map(({ text, logprob }) => [text, logprob]), [text, logprob]]),
  );
  assert.equal(found.top_logprobs, tops);
  let offset = 0;
  for (const [i, token] of found.tokens.entries()) {
    assert.is(found.text_offset[i], offset);
    offset += token.length;
  }
  const plain = await complete({ prompt: PROMPT, ...SAMPLED, logprobs: 0 });
  assert.equal(Object.keys(plain.choices[0].logprobs.top_logprobs[0]).length, 1);
});

test('no token is generated for max_tokens 0', async () => {
  const { choices, usage } = await complete({ prompt: PROMPT, max_tokens: 0, n: 2, echo: true });
  const choice = { text: PROMPT, logprobs: null, finish_reason: 'length' };
  assert.equal(choices, [
    { index: 0, ...choice },
    { index: 1, ...choice },
  ]);
  assert.is(usage.completion_tokens, 0);
});

test.run();
