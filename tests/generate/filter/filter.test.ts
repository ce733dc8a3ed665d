import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Completion, Token } from '../../../src/generate/completion.js';
import type { Filter, FilterVerdict } from '../../../src/generate/filter/filter.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { Session } from '../../../src/generate/session.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker/worker_model.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { mix } from '../../support/mix.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

/** Ids of a full stop, of one with a space, and of a space. */
const [STOP, STOP_SPACE, SPACE] = [28, 36, 27];

/** A core that often ends sentences. */
function talkative(): FakeCore {
  const core = new FakeCore({ contextLength: 128 });
  core.logitsOf = (prefix) => {
    const hash = prefix.reduce(mix, 1);
    const logits = Array.from({ length: core.config.vocabSize }, (_, id) => (6 * mix(hash, id)) / 2 ** 32);
    for (const id of [STOP, STOP_SPACE, SPACE]) logits[id]! += 2;
    logits[0]! -= 1;
    return logits;
  };
  return core;
}

const open = () => new Session(talkative(), fakeTokenizer, unsaved);

async function collect(options: GenerateOptions): Promise<{ tokens: Token[]; completion: Completion }> {
  const stream = open().stream('the ', options);
  const tokens: Token[] = [];
  for await (const token of stream) tokens.push(token);
  return { tokens, completion: await stream.completion };
}

const plain = ({ timings, usage, ...rest }: Completion) => rest;

const generations: fc.Arbitrary<GenerateOptions> = fc.record({
  seed: fc.nat(),
  temperature: fc.constantFrom(0.7, 1, 1.5),
  maxTokens: fc.integer({ min: 1, max: 60 }),
  stop: fc.constantFrom([], ['ab'], ['. t']),
  ignoreEos: fc.boolean(),
  logprobs: fc.constantFrom(undefined, 1),
  repetitionPenalty: fc.constantFrom(1, 1.3),
  bannedTexts: fc.constantFrom(undefined, ['b']),
});
const word = fc.constantFrom<string[]>('a', 'e', 't', 'ab', 'th', 'é', 'z');
const words = fc.array(word, { minLength: 1, maxLength: 3 });
const actions = fc.constantFrom('replace', 'stop', 'retry') as fc.Arbitrary<'replace' | 'stop' | 'retry'>;

/** The token with a bias of 90 comes, and that with -90 does not. */
const forced = (
  logitBias: Record<number, number>,
  action: 'replace' | 'stop' | 'retry' = 'replace',
  more: GenerateOptions = {},
) => ({
  generations: { seed: 1, maxTokens: 9, ignoreEos: false, logitBias, ...more },
  ...{ words: ['a'], actions: action, n: 1 },
});
const [A, Z] = fakeTokenizer.encode('az') as [number, number];
/** One for each reason to end, and one whose first sentence has a word and whose second one, by seed, has not. */
const FORCED = [
  forced({ 0: -90 }),
  forced({ 0: 90 }),
  forced({ [Z]: 90 }, 'replace', { stop: ['z'] }),
  forced({ [A]: 90 }, 'stop'),
  forced({ 0: -90 }, 'retry', { maxTokens: 60 }),
];

test('what is given out has nothing that was to be found, and streams as it is completed', async () => {
  const reasons = new Set<string>();
  let retried = 0;
  await holds(
    'filters',
    fc.record({ generations, words, actions, n: fc.constantFrom<number[]>(1, 3) }),
    async ({ generations, words, actions, n }) => {
      const filter: Filter = { words, action: actions, replacement: '*' };
      const { tokens, completion } = await collect({ ...generations, n, filter });
      for (const choice of completion.choices) {
        const own = tokens.filter(({ index }) => index === choice.index);
        assert.is(own.map(({ text }) => text).join(''), choice.text);
        assert.equal(
          own.map(({ id }) => id),
          choice.tokens,
        );
        if (generations.logprobs !== undefined) assert.is(choice.logprobs!.length, choice.tokens.length);
        assert.not.ok(
          words.some((word) => choice.text.includes(word)),
          choice.text,
        );
        if (choice.finishReason === 'filter') assert.is.not(actions, 'replace');
        for (const { found, sentence, start, action } of choice.filtered!) {
          assert.ok(words.some((word) => found.some((each) => each.includes(word))));
          assert.ok(start <= choice.text.length && sentence !== '');
          assert.is(action, actions);
        }
        reasons.add(choice.finishReason);
        retried += actions === 'retry' && choice.finishReason !== 'filter' ? choice.filtered!.length : 0;
      }
      const alone = await collect({ ...generations, filter });
      assert.equal(alone.completion.choices[0], completion.choices[0]);
      const drafted = await collect({ ...generations, filter, speculate: 'prompt' });
      assert.equal(plain(drafted.completion), plain(alone.completion));
    },
    60,
    FORCED,
  );
  assert.equal([...reasons].sort(), ['eos', 'filter', 'length', 'stop']);
  assert.ok(retried > 0);
});

test('a filter that finds nothing changes nothing', async () => {
  await holds(
    'idle filters',
    generations,
    async (options) => {
      const without = await collect(options);
      const { tokens, completion } = await collect({ ...options, filter: () => 'allow' });
      const { filtered, ...first } = completion.choices[0]!;
      assert.equal(filtered, []);
      assert.equal(first, without.completion.choices[0]);
      assert.is(tokens.length, without.tokens.length);
    },
    20,
  );
});

test('a session continues with the text that was given out', async () => {
  await holds(
    'filters in sessions',
    fc.record({ generations, words, actions, isFunction: fc.boolean() }),
    async ({ generations, words, actions, isFunction }) => {
      const session = open();
      const rule: Filter = { words, action: actions, replacement: '!' };
      // Without the white space that a token before the sentence has brought.
      const replace = (sentence: string): FilterVerdict =>
        sentence.includes('a') ? { replace: '!' } : 'allow';
      const filter = isFunction ? replace : rule;
      // Those with a text that the fake tokenizer does not encode.
      const bannedTokens = [0, ...Array.from({ length: 11 }, (_, i) => 37 + i)];
      const options = { ...generations, stop: [], bannedTokens, filter };
      const { text, tokens } = await session.generate('the ', options);
      assert.ok(session.tokens.length <= fakeTokenizer.encode('the ').length + tokens.length);
      await session.generate(undefined, { maxTokens: 1 });
      assert.is(fakeTokenizer.decode(session.tokens), `the ${text}`);
    },
    40,
  );
});

test('a function sees each sentence once, with its place, and may answer later', async () => {
  const seen: string[] = [];
  const { completion } = await collect({
    seed: 3,
    maxTokens: 60,
    filter: async (sentence, { text, index, retries }) => {
      assert.is(text, seen.join(''));
      assert.equal([index, retries], [0, 0]);
      seen.push(sentence);
      return 'allow' as const;
    },
  });
  assert.is(completion.text, seen.join(''));
  assert.ok(seen.length > 3);
});

test('retries are bounded, and each is reported', async () => {
  const retries: number[] = [];
  const filter = (_: string, context: { retries: number }): FilterVerdict => {
    retries.push(context.retries);
    return 'retry';
  };
  const { completion, tokens } = await collect({ seed: 5, maxTokens: 60, filter });
  assert.equal(retries, [0, 1, 2, 3]);
  assert.equal(tokens, []);
  const { text, finishReason, filtered } = completion;
  assert.equal([text, finishReason], ['', 'filter']);
  assert.equal(
    filtered!.map(({ action }) => action),
    Array(4).fill('retry'),
  );
  assert.ok(new Set(filtered!.map(({ sentence }) => sentence)).size > 1);
  const greedy = await collect({ temperature: 0, filter });
  assert.is(greedy.completion.filtered!.length, 1);
  const twice = await collect({ seed: 5, filter: { classifier: () => true, action: 'retry', retries: 1 } });
  assert.is(twice.completion.filtered!.length, 2);
});

test('what a function may not return, and what it throws, end the generation', async () => {
  const wrong = (filter: unknown) => () => open().generate('the ', { filter: filter as Filter });
  await thrown(
    wrong(() => undefined),
    'invalid-option',
    /what filter returned is undefined; it must be/,
  );
  await thrown(
    wrong(() => ({ replace: 5 })),
    'invalid-option',
    /what filter returned/,
  );
  let error: unknown;
  await wrong(() => {
    throw new RangeError('mine');
  })().catch((caught) => {
    error = caught;
  });
  assert.instance(error, RangeError);
});

test('if the signal fires, text that was not judged is dropped', async () => {
  const controller = new AbortController();
  let judged = 0;
  const filter = (): FilterVerdict => {
    if (++judged === 3) controller.abort();
    return 'allow';
  };
  const { text, finishReason, tokens } = await open().generate('the ', {
    seed: 3,
    filter,
    signal: controller.signal,
  });
  assert.is(finishReason, 'aborted');
  const whole = await open().generate('the ', { seed: 3 });
  assert.ok(text !== '' && whole.text.startsWith(text));
  assert.equal(tokens, whole.tokens.slice(0, tokens.length));
});

test('the model classifies sentences by two prompts, here and in a worker', async () => {
  const model = await loadModel(embeddedModel);
  const prompts: [string, string] = [
    'The dog and the cat played in the park.',
    'She ate the cake in the kitchen.',
  ];
  const options = {
    ...{ seed: 3, maxTokens: 60 },
    filter: [{ classifier: { prompts, threshold: 0.1 } }, 'english' as const],
  };
  const { text, filtered } = await model.generate('Once upon a time', options);
  const rate = async (sentence: string) => {
    const [a, b] = await Promise.all(
      prompts.map(async (prompt) => {
        const count = model.tokenizer.encode(sentence).length;
        const ids = [...model.tokenizer.encode(prompt), ...model.tokenizer.encode(sentence)];
        return (await model.score(ids)).logprobs.slice(-count).reduce((sum, each) => sum + each, 0) / count;
      }),
    );
    return a! - b!;
  };
  assert.ok(filtered!.length > 0);
  for (const { sentence, rule } of filtered!) {
    assert.is(rule, 'classifier');
    assert.ok((await rate(sentence)) > 0.1 - 1e-4);
  }
  const worker = await createWorkerModel(embeddedModel);
  const inWorker = await worker.generate('Once upon a time', options);
  assert.equal([inWorker.text, inWorker.filtered], [text, filtered]);
  await thrown(
    () => worker.generate('Once', { filter: () => 'allow' }),
    'invalid-option',
    /filter is a function/,
  );
  worker.dispose();
  model.dispose();
});

test.run();
