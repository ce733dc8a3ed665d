import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestOf } from '../../../src/examine.js';
import { inspectModel, loadModel } from '../../../src/index.js';
import { answerWindows } from '../../../src/model/heads/answer_windows.js';
import { bestSpans } from '../../../src/model/heads/best_spans.js';
import { largest, softmaxOf } from '../../../src/model/heads/probabilities.js';
import { wholeWords } from '../../../src/model/heads/whole_words.js';
import { createWorkerModel } from '../../../src/worker.js';
import { headsModel, storiesWithHeads } from '../../support/heads.js';
import { allNear } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const plain = await loadModel(storiesTiny, { build: 'simd' });
const { channels: C } = plain.config;
const LABELS = ['O', 'B-NAME', 'I-NAME'];
const files = storiesWithHeads(
  {
    'score.weight': [2, C],
    'classifier.weight': [3, C],
    'classifier.bias': [3],
    'qa_outputs.weight': [2, C],
    'qa_outputs.bias': [2],
    'v_head.summary.weight': [1, C],
    'v_head.summary.bias': [1],
  },
  { id2label: { 0: 'calm', 1: 'wild' }, pad_token_id: 3 },
);
const model = await loadModel({ ...files }, { build: 'simd' });
test.after(() => {
  model.dispose();
  plain.dispose();
});

/** Numbers of a head in the file, by its tensors' names. */
function numbersOf(name: string): Float32Array {
  const file = Buffer.from(files['model.safetensors']!);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const [from, to] = JSON.parse(file.subarray(8, start).toString())[name].data_offsets;
  return new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer);
}

/** weight x state + bias in double precision, by a plain loop. */
function plainHead(name: string, state: Float32Array, hasBias: boolean): number[] {
  const weight = numbersOf(`${name}.weight`);
  const bias = hasBias ? numbersOf(`${name}.bias`) : undefined;
  return Array.from({ length: weight.length / C }, (_, row) => {
    let sum = bias?.[row] ?? 0;
    for (let c = 0; c < C; c++) sum += weight[row * C + c]! * state[c]!;
    return sum;
  });
}

const ids = fc.array(fc.integer({ min: 0, max: plain.config.vocabSize - 1 }), {
  minLength: 1,
  maxLength: 40,
});

test('each head is a product with the final states, at the last token that fills nothing up for classes', () =>
  holds(
    'heads',
    fc.record({ ids, pads: fc.integer({ min: 0, max: 3 }) }),
    async ({ ids: given, pads }) => {
      const text = [...given, ...new Array(pads).fill(3)];
      const states = await plain.embed(text, { pooling: 'none' });
      const state = (i: number) => states.subarray(i * C, (i + 1) * C);
      const last = Math.max(
        0,
        text.findLastIndex((id) => id !== 3),
      );
      const { logits, label } = await model.classify(text);
      allNear(logits, plainHead('score', state(last), false), 1e-5);
      assert.is(label, logits[1]! > logits[0]! ? 'wild' : 'calm');
      allNear([await model.reward(text)], plainHead('v_head.summary', state(text.length - 1), true), 1e-5);
      const { tokens, logits: rows } = await model.tag(text);
      for (const [i, token] of tokens.entries()) {
        const wanted = plainHead('classifier', state(i), true);
        allNear(rows.subarray(3 * i, 3 * i + 3), wanted, 1e-5);
        assert.is(
          token.label,
          `LABEL_${largest(rows.subarray(3 * i, 3 * i + 3))}`
            .replace('LABEL_0', 'calm')
            .replace('LABEL_1', 'wild'),
        );
      }
    },
    12,
    [{ ids: [3], pads: 3 }],
  ));

test('texts together, beside a generation, with threads, and in a worker have the bits of each alone', async () => {
  const random = randomSource(8);
  const texts = Array.from({ length: 12 }, () =>
    Array.from({ length: 1 + random.below(90) }, () => random.below(plain.config.vocabSize)),
  );
  const alone: unknown[] = [];
  for (const text of texts)
    alone.push([await model.classify(text), await model.tag(text), await model.reward(text)]);
  const inWorker = await createWorkerModel({ ...files }, { build: 'simd', threads: 1 });
  try {
    for (const each of [model, inWorker]) {
      const [classes, tags, rewards] = await Promise.all([
        each.classify(texts),
        each.tag(texts),
        each.reward(texts),
        each.generate('One day', { maxTokens: 20, n: 2 }),
      ]);
      assert.equal(
        texts.map((_, i) => [classes[i], tags[i], rewards[i]]),
        alone,
      );
    }
    const answer = await model.answer('Who is here?', 'A cat and a dog.', { top: 3 });
    assert.equal(await inWorker.answer('Who is here?', 'A cat and a dog.', { top: 3 }), answer);
    await thrown(() => inWorker.multipleChoice(['a']), 'unsupported', 'multiple choice');
    await thrown(() => inWorker.classify('a', { signal: AbortSignal.abort() }), 'aborted');
  } finally {
    inWorker.dispose();
  }
});

test('a pair is the tokens of both, and a separator may spell a special token', async () => {
  const { tokenizer } = model;
  const [text, pair] = ['The sun is up.', 'It is day.'];
  const both = [...tokenizer.encode(text), ...tokenizer.encode(pair)];
  assert.equal(await model.classify({ text, pair }), await model.classify(both));
  const [end] = tokenizer.specialTokens.keys();
  const between = [...tokenizer.encode(text), tokenizer.eosTokenId!, ...tokenizer.encode(pair)];
  assert.equal(await model.classify([{ text, pair }], { separator: end! }), [await model.classify(between)]);
  assert.is(
    await model.reward({ prompt: text, answer: pair }, { separator: end! }),
    await model.reward(between),
  );
  assert.is(await model.reward({ prompt: 'The', answer: ' sun' }), await model.reward('The sun'));
});

test('tags have their places in the text, and spans leave white space out', async () => {
  const text = 'Once upon a time, Zoë 🐱 saw\n a big dog.';
  const { tokens, spans } = await model.tag(text);
  assert.is(tokens.map((token) => token.text).join(''), text);
  for (const token of tokens) assert.is(text.slice(token.start, token.end), token.text);
  let at = 0;
  for (const span of spans) {
    assert.ok(span.start >= at && span.end >= span.start);
    at = span.end;
    assert.is(text.slice(span.start, span.end), span.text);
    assert.is(span.text.trim(), span.text);
  }
});

test('spans are runs of a label; B- begins one, and labels to ignore end one', async () => {
  const named = await loadModel(
    storiesWithHeads({ 'classifier.weight': [3, C], 'classifier.bias': [3] }, { id2label: { ...LABELS } }),
    { build: 'simd' },
  );
  const text = 'Once upon a time there was a little girl named Lily. She had a red ball and a big dog.';
  const { tokens, spans } = await named.tag(text);
  const covered: string[] = [];
  for (const { firstToken, tokenCount, label, score } of spans) {
    assert.is(label, 'NAME');
    const own = tokens.slice(firstToken, firstToken + tokenCount);
    assert.ok(own.slice(1).every((token) => token.label === 'I-NAME'));
    assert.ok(Math.abs(own.reduce((sum, token) => sum + token.score, 0) / tokenCount - score) < 1e-12);
    const after = tokens[firstToken + tokenCount];
    assert.ok(after === undefined || after.label !== 'I-NAME', 'a span is as long as it can be');
    covered.push(...own.map(() => label));
  }
  assert.is(covered.length, tokens.filter((token) => token.label !== 'O').length);
  assert.is((await named.tag(text, { ignore: ['O', 'NAME'] })).spans.length, 0);
  named.dispose();
});

test('the likeliest spans are those of a plain search', () =>
  holds(
    'best spans',
    fc.record({
      logits: fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 })), {
        minLength: 1,
        maxLength: 12,
      }),
      top: fc.integer({ min: 1, max: 6 }),
      maxTokens: fc.integer({ min: 1, max: 14 }),
    }),
    async ({ logits, top, maxTokens }) => {
      const [starts, ends] = [0, 1].map((k) => Float32Array.from(logits, (pair) => pair[k as 0]));
      const [p, q] = [softmaxOf(starts!), softmaxOf(ends!)];
      const all = p.flatMap((start, first) =>
        q.slice(first, first + maxTokens).map((end, i) => ({ first, count: i + 1, score: start * end })),
      );
      const wanted = all.map((run, i) => ({ run, i })).sort((a, b) => b.run.score - a.run.score || a.i - b.i);
      assert.equal(
        bestSpans(starts!, ends!, { top, maxTokens }),
        wanted.slice(0, top).map(({ run }) => run),
      );
    },
    200,
  ));

test('windows cover the context, and neighbours share the stride', () =>
  holds(
    'windows',
    fc.record({
      question: fc.nat(20),
      count: fc.integer({ min: 1, max: 200 }),
      room: fc.integer({ min: 2, max: 50 }),
      stride: fc.nat(49),
    }),
    async ({ question, count, room, stride: wish }) => {
      const stride = Math.min(wish, room - 1);
      const windows = answerWindows(question, count, question + room, stride);
      assert.is(windows[0]!.first, 0);
      assert.is(windows.at(-1)!.first + windows.at(-1)!.count, count);
      for (const [i, { first, count }] of windows.entries()) {
        assert.ok(count > 0 && count <= room);
        if (i > 0) assert.is(windows[i - 1]!.first + windows[i - 1]!.count - first, stride);
      }
    },
    200,
  ));

test('answers are whole words, in the text of the context', async () => {
  const span = (start: number, end: number) => ({ start, end, text: '', firstToken: 0, tokenCount: 1 });
  const text = 'An unbelievable 1234th Zoë!!';
  assert.is(wholeWords(span(5, 8), text).text, 'unbelievable');
  assert.is(wholeWords(span(17, 18), text).text, '1234');
  assert.is(wholeWords(span(20, 24), text).text, 'th Zoë');
  assert.is(wholeWords(span(26, 27), text).text, '!!');
  const context = 'The little girl had a red ball. '.repeat(30);
  const answers = await model.answer('What did she have?', context, {
    top: 5,
    window: 40,
    stride: 8,
    maxTokens: 4,
  });
  assert.is(answers.length, 5);
  for (const [i, { start, end, score, text }] of answers.entries()) {
    assert.is(context.slice(start, end), text);
    assert.ok(score > 0 && score <= (answers[i - 1]?.score ?? 1));
  }
});

test('the best of n is what the reward model prefers, here or in a worker', async () => {
  const options = { n: 4, maxTokens: 6, seed: 3 };
  const { choices } = await plain.generate('One day', options);
  const rewards = await model.reward(choices.map(({ text }) => `One day${text}`));
  const best = await bestOf(plain, 'One day', { ...options, rewardModel: model });
  const order = [...rewards.keys()].sort((a, b) => rewards[b]! - rewards[a]! || a - b);
  assert.equal(
    best.choices.map(({ index, reward }) => [index, reward]),
    order.map((i) => [i, rewards[i]]),
  );
  assert.is(best.text, choices[order[0]!]!.text);
  const shortest = {
    reward: async (texts: readonly { answer: unknown }[]) =>
      texts.map(({ answer }) => -String(answer).length),
  };
  const least = await bestOf(plain, plain.tokenizer.encode('One day'), { ...options, rewardModel: shortest });
  assert.is(least.text.length, Math.min(...choices.map(({ text }) => text.length)));
  await thrown(() => bestOf(plain, 'a', { rewardModel: 1 as never }), 'invalid-option', 'rewardModel is 1');
  await thrown(() => bestOf(plain, 'a', { ...options, rewardModel: plain }), 'unsupported', 'rewards');
});

test('what a model has no head for, and wrong options, are refused by name', async () => {
  await thrown(
    () => plain.classify('a'),
    'unsupported',
    'sequence classification',
    'score.weight',
    'language model alone',
  );
  await thrown(() => plain.reward('a'), 'unsupported', 'rewards', 'v_head.summary.weight or score.weight');
  await thrown(
    () => model.multipleChoice(['a']),
    'unsupported',
    'multiple choice',
    'but one for sequence classification and',
  );
  await thrown(() => model.classify('a', { apply: 'max' as 'none' }), 'invalid-option', 'apply is "max"');
  await thrown(() => model.classify('a', { aply: 'none' } as never), 'invalid-option', 'did you mean apply');
  await thrown(() => model.classify([[1], [-1]]), 'invalid-option', 'text 1: token 0');
  await thrown(() => model.answer('a', ''), 'invalid-option', 'the context is empty');
  await thrown(() => model.answer('a', 'b c', { top: 0 }), 'invalid-option', 'top is 0');
  await thrown(() => model.tag('a', { ignore: 'O' as never }), 'invalid-option', 'ignore is "O"');
  await thrown(() => model.classify('a', { signal: AbortSignal.abort() }), 'aborted');
  const two = await loadModel(headsModel('sequence'), { build: 'simd' });
  await thrown(() => two.reward([1]), 'unsupported', '3 labels');
  two.dispose();
});

test('a head that cannot be used is refused when it is asked for; the language model runs', async () => {
  const wide = await loadModel(
    storiesWithHeads({ 'score.weight': [2, C + 1], 'v_head.summary.weight': [3, C] }),
    { build: 'simd' },
  );
  await thrown(() => wide.classify('a'), 'invalid-file', 'score.weight', `[2, ${C}]`);
  await thrown(() => wide.reward('a'), 'invalid-file', 'v_head.summary.weight');
  assert.is((await wide.generate('a', { maxTokens: 2 })).tokens.length, 2);
  wide.dispose();
});

test('inspectModel names the heads of a model, and the classes that they have', async () => {
  const headsOf = async (name: string) => (await inspectModel(headsModel(name))).heads;
  assert.equal(await headsOf('sequence'), [
    { task: 'sequence classification', labels: ['sad', 'so so', 'glad'] },
  ]);
  assert.equal(await headsOf('token'), [
    { task: 'token classification', labels: ['O', 'B-X', 'I-X', 'B-Y', 'I-Y'] },
  ]);
  assert.equal(await headsOf('question'), [{ task: 'question answering', labels: [] }]);
  assert.equal(await headsOf('double'), [{ task: 'multiple choice', labels: [] }]);
  assert.equal(await headsOf('base'), []);
});

test.run();
