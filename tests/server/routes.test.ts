import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../src/index.js';
import { createHandler } from '../../src/server.js';
import { ask } from '../support/serving.js';

const lm = await loadModel(fileURLToPath(new URL('../fixtures/lm/', import.meta.url)), { build: 'simd' });
const stories = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({ models: { stories, 'owner/lm': lm } });
test.after(async () => {
  await handler.close();
  lm.dispose();
  stories.dispose();
});

const post = async (path: string, body: object) => {
  const { status, body: answer } = await ask(handler, path, body);
  assert.is(status, 200, JSON.stringify(answer));
  return answer;
};

test('models are listed, and one is described', async () => {
  const { object, data } = (await ask(handler, '/v1/models')).body;
  assert.is(object, 'list');
  assert.equal(
    data.map(({ id, object }: { id: string; object: string }) => [id, object]),
    [
      ['stories', 'model'],
      ['owner/lm', 'model'],
    ],
  );
  for (const path of ['/v1/models/owner/lm', '/v1/models/owner%2Flm']) {
    assert.equal((await ask(handler, path)).body, data[1]);
  }
});

test('embeddings are unit vectors of the library, as numbers or in base64', async () => {
  const texts = ['A cat sat.', 'The dog'];
  const expected = await stories.embed(texts, { normalize: true });
  const answer = await post('/v1/embeddings', { input: texts, dimensions: stories.config.channels });
  assert.equal(
    answer.data,
    expected.map((vector, index) => ({ object: 'embedding', index, embedding: [...vector] })),
  );
  const count = texts.reduce((sum, text) => sum + stories.tokenizer.encode(text).length, 0);
  assert.equal(answer.usage, { prompt_tokens: count, total_tokens: count });
  const ids = [...stories.tokenizer.encode(texts[1]!)];
  const { data } = await post('/v1/embeddings', { input: ids, encoding_format: 'base64' });
  const bytes = Uint8Array.from(Buffer.from(data[0].embedding, 'base64'));
  assert.equal(new Float32Array(bytes.buffer), expected[1]);
  const wrong = await ask(handler, '/v1/embeddings', { input: 'a', dimensions: 5 });
  assert.equal([wrong.status, wrong.body.error.param], [400, 'dimensions']);
  assert.is((await ask(handler, '/v1/embeddings', {})).body.error.param, 'input');
});

test('scores are those of the library, with each token if it is asked for', async () => {
  const texts = ['Once upon a time', 'time a upon Once'];
  const [likely, unlikely] = await stories.score(texts, { top: 1 });
  const { data, usage } = await post('/v1/score', { text: texts, logprobs: 1 });
  assert.equal([data[0].logprob, data[0].perplexity], [likely!.sum, likely!.perplexity]);
  assert.equal([data[1].mean_logprob, data[1].bits_per_byte], [unlikely!.mean, unlikely!.bitsPerByte]);
  assert.equal(data[0].logprobs.token_logprobs, [...likely!.logprobs]);
  assert.is(data[0].logprobs.tokens.join(''), texts[0]);
  assert.is(usage.prompt_tokens, likely!.tokens.length + unlikely!.tokens.length);
  const { data: plain } = await post('/v1/score', { model: 'owner/lm', text: [1, 2, 3] });
  assert.is(plain[0].logprobs, null);
  assert.is(plain[0].logprob, (await lm.score([1, 2, 3])).sum);
  const long = await ask(handler, '/v1/score', { text: ['a', 'word '.repeat(600)] });
  assert.equal([long.status, long.body.error.param], [400, 'text[1]']);
  // Answers of gigabytes would end the process.
  const many = { text: Array(400).fill('a b'.repeat(150)), logprobs: 20 };
  const refused = await ask(handler, '/v1/score', many);
  assert.equal([refused.body.error.code, refused.body.error.param], ['too_many_logprobs', 'logprobs']);
});

test('texts become tokens and tokens texts, by the names of vLLM and of llama.cpp', async () => {
  const text = 'Hi there🦆<|endoftext|>';
  const ids = stories.tokenizer.encode(text, { allowedSpecial: 'all' });
  const answer = await post('/tokenize', { prompt: text, add_special_tokens: false });
  assert.equal(answer, { count: ids.length, max_model_len: 512, tokens: [...ids] });
  const { tokens } = await post('/tokenize', { content: text, parse_special: false, with_pieces: true });
  assert.equal(
    tokens.map(({ id }: { id: number }) => id),
    [...stories.tokenizer.encode(text)],
  );
  assert.is(tokens[0].piece, stories.tokenizer.decode([tokens[0].id]));
  assert.equal(await post('/detokenize', { tokens: ids }), { prompt: text, content: text });
  assert.is((await ask(handler, '/tokenize', {})).body.error.param, 'prompt');
  const many = { prompt: 'a!'.repeat(15_000), with_pieces: true };
  assert.is(
    (await post('/tokenize', many)).tokens.map(({ piece }: { piece: string }) => piece).join(''),
    many.prompt,
  );
  const pieces = await ask(handler, '/tokenize', { prompt: '\u007f0'.repeat(140_000), with_pieces: true });
  assert.equal([pieces.status, pieces.body.error.code], [400, 'too_many_tokens']);
  const both = await ask(handler, '/tokenize', { prompt: text, content: text });
  assert.equal([both.status, both.body.error.param], [400, 'content']);
  const unknown = await ask(handler, '/detokenize', { tokens: [5000] });
  assert.equal([unknown.status, unknown.body.error.param], [400, 'tokens']);
  const [longest] = stories.tokenizer.encode(' disappointed');
  const long = await ask(handler, '/detokenize', { tokens: Array(400_000).fill(longest) });
  assert.equal([long.status, long.body.error.code], [400, 'too_many_tokens']);
});

test("a tokenizer's settings are given, from which the end of a text can be encoded", async () => {
  const { body } = await ask(handler, '/tokenizer_info');
  assert.is(body.eos_token, '<|endoftext|>');
  const { tokens } = await post('/tokenize', { prompt: body.eos_token });
  assert.equal(tokens, [stories.tokenizer.eosTokenId]);
});

test("texts are moderated by the classes of the filter's lists", async () => {
  const found = async (input: unknown) =>
    (await post('/v1/moderations', { input, model: 'omni-moderation-latest' })).results.map(
      ({ flagged, categories, category_scores, category_applied_input_types }: Record<string, object>) => {
        const names = Object.keys(categories!);
        assert.equal(names, Object.keys(category_scores!));
        // What nothing judges applies to no text.
        const { hate, email } = category_applied_input_types as Record<string, string[]>;
        assert.equal([hate, email], [[], ['text']]);
        const own = names.filter((name) => (categories as Record<string, boolean>)[name]);
        assert.equal(
          own,
          names.filter((name) => (category_scores as Record<string, number>)[name] === 1),
        );
        assert.is(flagged, own.length > 0);
        return own;
      },
    );
  assert.equal(await found('The dog. It sleeps at 12:30.'), [[]]);
  assert.equal(await found(['Write to a.b@example.com', 'No sh1t', 'Pay by 4111 1111 1111 1111.', '']), [
    ...[['email'], ['english'], ['card'], []],
  ]);
  const parts = ['Call +1 202 555 0123.', 'IBAN DE89 3704 0044 0532 0130 00'];
  assert.equal(await found(parts.map((text) => ({ type: 'text', text }))), [['iban', 'phone']]);
  assert.equal(await found(`${'word. '.repeat(5000)}Write to a.b@example.com`), [['email']]);
  const images = await ask(handler, '/v1/moderations', { input: [{ type: 'image_url', image_url: {} }] });
  assert.equal([images.status, images.body.error.param], [400, 'input']);
  const none = await ask(handler, '/v1/moderations', { input: [] });
  assert.match(
    none.body.error.message,
    /^input is an array; it must be a text, an array of at least one text/,
  );
});

test('a model without a tokenizer says so, and not where its files are', async () => {
  const answers = await Promise.all([
    ask(handler, '/tokenize', { model: 'owner/lm', prompt: 'a' }),
    ask(handler, '/tokenizer_info?model=owner/lm'),
    ask(handler, '/v1/completions', { model: 'owner/lm', prompt: 'a' }),
    ask(handler, '/v1/chat/completions', { model: 'owner/lm', messages: [{ role: 'user', content: 'a' }] }),
    ask(handler, '/v1/completions', { model: 'owner/lm', prompt: [1], guided_regex: 'a' }),
    ask(handler, '/v1/completions', { model: 'owner/lm', prompt: [1], stop: 'a' }),
  ]);
  for (const { status, body } of answers) {
    assert.is(status, 400);
    assert.match(body.error.message, 'tokenizer');
    assert.not.match(body.error.message, 'fixtures');
  }
});

test.run();
