import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healPrompt } from '../../src/generate/healing.js';
import { type GenerateOptions, loadModel, type Token } from '../../src/index.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd', threads: 1 });
test.after(() => model.dispose());

const STORY = 'Once upon a time there was a little girl. She saw a big dog in the park.';

/** A completion; checks that streaming gives the same. */
async function complete(prompt: string | number[], options: GenerateOptions) {
  const completion = await model.generate(prompt, options);
  const tokens: Token[] = [];
  for await (const token of model.stream(prompt, options)) tokens.push(token);
  assert.is(tokens.map(({ text }) => text).join(''), completion.text);
  return completion;
}

test('a prompt that ends inside a word is continued inside it', async () => {
  const greedy = { temperature: 0, maxTokens: 3, heal: true };
  assert.match((await complete('Once upon a ti', greedy)).text, /^me\b/);
  assert.not.match((await complete('Once upon a ti', { ...greedy, heal: false })).text, /^me\b/);
  assert.match((await complete('Once upon a ', greedy)).text, /^time\b/);
  assert.match((await complete('Onc', greedy)).text, /^e upon\b/);
  const whole = await complete('Once upon a', { ...greedy, heal: false });
  assert.is(` ti${(await complete('Once upon a ti', greedy)).text}`, whole.text);
});

test('at any cut of a text, and for any options, prompt and text together are what the tokens say', async () => {
  const random = randomSource(5001);
  for (let round = 0; round < 60; round++) {
    const prompt = STORY.slice(0, 1 + random.below(STORY.length));
    const options: GenerateOptions = {
      heal: true,
      seed: random.below(1e9),
      maxTokens: 8 + random.below(8),
      temperature: random.pick([0, 0.7, 1]),
      topP: random.pick([1, 0.5]),
      repetitionPenalty: random.pick([1, 1.3]),
      ignoreEos: true,
      ...(random.uniform() < 0.3 && { stop: random.pick(['.', ' a', 'e']) }),
    };
    const { tokens, text, usage, finishReason } = await complete(prompt, options);
    const start = model.config.eosTokenIds[0]!;
    const { ids } = healPrompt(model.tokenizer.encode(prompt), model.tokenizer, start);
    assert.is(usage.promptTokens, ids.length);
    const written = model.tokenizer.decode([...(ids[0] === start ? [] : ids), ...tokens]);
    const about = `${JSON.stringify(prompt)} + ${JSON.stringify(text)}: ${JSON.stringify(written)}`;
    if (finishReason === 'stop') assert.ok(written.startsWith(prompt + text), about);
    else if (!text.includes('\ufffd'))
      assert.ok(written === prompt + text || prompt.startsWith(written), about);
  }
});

test('several completions of a healed prompt all begin with its end', async () => {
  const { choices } = await model.generate('There was a lit', { n: 4, seed: 3, heal: true, maxTokens: 2 });
  for (const { tokens, text } of choices) assert.is(model.tokenizer.decode(tokens), ` lit${text}`);
});

test('heal must be true or false', async () => {
  await thrown(() => model.generate('a', { heal: 1 as never }), 'invalid-option', 'heal is 1');
});

test('a session to which text is appended continues as one that gets the whole text', async () => {
  const random = randomSource(5002);
  for (let round = 0; round < 25; round++) {
    const session = model.session();
    const other = model.session();
    let whole = '';
    for (let turn = 0; turn < 4; turn++) {
      const more = STORY.slice(random.below(20), 20 + random.below(40));
      const cut = random.below(more.length);
      session.append(more.slice(0, cut));
      session.append(more.slice(cut));
      whole += more;
      const options: GenerateOptions = {
        seed: random.below(1e9),
        maxTokens: 1 + random.below(6),
        ...(random.uniform() < 0.4 && { stop: random.pick(['.', 'e', ' a']) }),
      };
      const { text, usage } = await session.generate(random.pick([undefined, '']), options);
      assert.ok(turn === 0 || usage.cachedPromptTokens > 0);
      const ids = session.tokens;
      assert.ok(model.tokenizer.decode(ids).startsWith(whole), `${model.tokenizer.decode(ids)}, ${whole}`);
      if (turn === 0) assert.is((await other.generate(whole, options)).text, text);
      whole += text;
    }
    session.dispose();
    other.dispose();
  }
});

test('append takes token ids, follows a prompt, a fork and a rewind, and is refused during a generation', async () => {
  const { tokenizer } = model;
  const options = { temperature: 0, maxTokens: 4, ignoreEos: true };
  const session = model.session();
  const { text } = await session.generate('Once upon', options);
  const fork = session.fork();
  session.append(tokenizer.encode(' The dog'));
  await session.generate(undefined, { maxTokens: 1 });
  assert.is(tokenizer.decode(session.tokens), `Once upon${text} The dog`);
  fork.append(' The cat');
  await fork.generate(undefined, { maxTokens: 1 });
  assert.is(tokenizer.decode(fork.tokens), `Once upon${text} The cat`);
  session.rewind(2);
  const kept = tokenizer.decode(session.tokens);
  session.append(' big');
  await session.generate(undefined, { maxTokens: 1 });
  assert.is(tokenizer.decode(session.tokens), `${kept} big`);

  const running = session.generate('A', { maxTokens: 20 });
  await thrown(async () => session.append('x'), 'invalid-option', 'append', 'generating');
  await thrown(async () => session.generate(), 'invalid-option', 'generating');
  await running;
  for (const wrong of [undefined, 5, [1.5], [-1], { length: 1e9 }]) {
    await thrown(async () => session.append(wrong as never), 'invalid-option');
  }
  await thrown(async () => session.append('x', { allowedSpecial: ['nope'] }), 'invalid-option', 'nope');
  session.dispose();
  await thrown(async () => session.append('x'), 'disposed');
});

test('special tokens are made only from the text that may spell them', async () => {
  const end = model.config.eosTokenIds[0]!;
  const session = model.session();
  session.append('A<|endoftext|>');
  session.append('<|endoftext|>', { allowedSpecial: 'all' });
  session.append('<|endoftext|>B');
  await session.generate(undefined, { maxTokens: 1 });
  const ids = session.tokens;
  assert.is(ids.filter((id) => id === end).length, 1);
  assert.is(model.tokenizer.decode(ids), 'A<|endoftext|><|endoftext|><|endoftext|>B');
  session.dispose();
});

test('a session without any text has nothing to continue, and an empty text starts where an empty prompt does', async () => {
  const session = model.session();
  const options = { temperature: 0, maxTokens: 5 };
  await thrown(async () => session.generate(undefined, options), 'invalid-option', 'the prompt is undefined');
  session.append('');
  assert.is((await session.generate(undefined, options)).text, (await model.generate('', options)).text);
  session.dispose();
});

test.run();
