// Texts are given to calls that fail: no message, cause, log or metric repeats them.
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readMessages } from '../../../src/cli/chatting/messages.js';
import { labelledTexts } from '../../../src/cli/training/labelled_texts.js';
import { preferenceLines } from '../../../src/cli/training/preference_lines.js';
import { choicesOf } from '../../../src/cli/users/choice_line.js';
import * as examining from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { parseBatchLine } from '../../../src/server/batch/batch_line.js';
import { type AccessEntry, createHandler } from '../../../src/server.js';
import * as train from '../../../src/train.js';
import { createWorkerModel } from '../../../src/worker.js';
import { inFolder } from '../../support/in_folder.js';
import { request } from '../../support/serving.js';
import { SMALL_CONFIG, shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

/** A word that no message of this package has. */
const WORD = 'quixotry';
const TEXT = `My ${WORD} is mine. `;
const LONG = TEXT.repeat(30);
const MESSAGES = [{ role: 'user', content: TEXT }];

const fakeWorker = fakeWorkers(test);
const files = await shardedFiles();
const model = await loadModel(memorySource('model', files), { build: 'simd' });
const remote = await createWorkerModel(
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.slice()])),
  { worker: fakeWorker().worker, build: 'simd' },
);
test.after(() => {
  model.dispose();
  remote.dispose();
});

/** An error with its stack, its causes and its fields. */
const told = (error: unknown) => inspect(error, { depth: 8, maxStringLength: null });

/** Calls that did not fail, and those whose errors have the word. */
const found: string[] = [];
test.after.each(() => assert.equal(found.splice(0), []));

async function keeps(name: string, call: () => unknown): Promise<void> {
  try {
    const value = await call();
    if (typeof (value as AsyncIterable<unknown>)?.[Symbol.asyncIterator] === 'function') {
      for await (const _ of value as AsyncIterable<unknown>);
    }
    found.push(`${name} works`);
  } catch (error) {
    if (told(error).includes(WORD)) found.push(`${name}: ${told(error)}`);
  }
}

const wrong = (value: unknown) => value as never;

for (const [place, own] of [
  ['here', model],
  ['in a worker', remote],
] as const) {
  test(`models ${place}`, async () => {
    const calls: Record<string, () => unknown> = {
      generate: () => own.generate(TEXT, { maxTokens: -1 }),
      'generate with a long prompt': () => own.generate(LONG, { maxTokens: 30 }),
      'generate of nested texts': () => own.generate(wrong([TEXT, 5])),
      'generate of an object': () => own.generate(wrong({ prompt: TEXT })),
      'generate with a format': () => own.generate(TEXT, { format: { regex: '(' } }),
      stream: () => own.stream(LONG, { maxTokens: 30 }),
      score: () => own.score(wrong([TEXT, 5])),
      'score with a stride': () => own.score(LONG, { stride: 0 }),
      embed: () => own.embed(wrong([TEXT, [TEXT]])),
      'embed a long text': () => own.embed(LONG),
      logits: () => own.logits(wrong(TEXT), { from: -1 }),
      choose: () => own.choose(TEXT, wrong([TEXT, 5])),
      append: () => own.session().append(wrong([TEXT])),
      decode: async () => (own.tokenizer ?? (await remote.tokenizer)).decode(wrong(TEXT)),
      encode: () => own.tokenizer.encode(wrong([TEXT])),
      examine: () => examining.examine(own, LONG, { stride: -1 }),
      'examine of texts': () => examining.examine(own, wrong([TEXT, 5])),
      compress: () => examining.compress(own, wrong([TEXT])),
      oddWords: () => examining.oddWords(own, wrong([TEXT])),
      clozeItems: () => examining.clozeItems(own, TEXT, { count: -1 }),
      detectWatermark: () => examining.detectWatermark(own, wrong([TEXT]), wrong({})),
      FewShot: () => new examining.FewShot({ choices: ['a'], examples: wrong([TEXT]) }).classify(own, TEXT),
      crowsPairs: () => examining.crowsPairs(own, wrong([TEXT])),
      templateBias: () => examining.templateBias(own, `${TEXT}{x} {y}`, { x: ['a'] }, wrong({})),
    };
    for (const [name, call] of Object.entries(calls)) await keeps(name, call);
  });
}

const TRAINING = {
  ...{ config: SMALL_CONFIG, tokenizer: model.tokenizer, steps: 1, batchSize: 1, contextLength: 8 },
  ...{ threads: 1, build: 'simd' as const },
};

/** Lines with the word that readers of JSON lines refuse, each for another reason. */
const LINES = [
  `{"text": "${TEXT}"`,
  `${TEXT}`,
  `"${TEXT}"`,
  `{"text": ["${TEXT}"], "prompt": ["${TEXT}"], "chosen": ["${TEXT}"]}`,
  `{"text": "${TEXT}\\q"}`,
  `{"prompt": ["${TEXT}"], "completion": 5, "messages": ["${TEXT}"]}`,
];

test('trainers, and readers of their files', () =>
  inFolder({}, async (folder) => {
    const { writeFile } = await import('node:fs/promises');
    const { signal } = new AbortController();
    for (const [i, line] of LINES.entries()) {
      const path = `${folder}/${i}.jsonl`;
      await writeFile(path, `${line}\n`);
      const skipped: unknown[] = [];
      await keeps(`Trainer, ${line}`, async () =>
        train.Trainer.create({ ...TRAINING, data: train.readDocuments(await train.dataFiles([path])) }),
      );
      const options = { skipInvalid: true, onSkip: (each: unknown) => skipped.push(each) };
      for await (const _ of train.readDocuments(await train.dataFiles([path]), options));
      assert.is(skipped.length, 1);
      assert.not.match(told(skipped), WORD);
      await keeps(`labels, ${line}`, () => labelledTexts([path], signal));
      await keeps(`preferences, ${line}`, () => preferenceLines([path], true, signal));
      await keeps(`messages, ${line}`, () => readMessages(path));
      await keeps(`choices, ${line}`, () => choicesOf(new TextEncoder().encode(line), path));
      await keeps(`batch, ${line}`, () => parseBatchLine(line, path));
      for (const read of [examining.readMinimalPairs, examining.readPrompts, examining.readBold]) {
        await keeps(`${read.name}, ${line}`, () => read(new TextEncoder().encode(line), path));
      }
      for (const read of [examining.readCrowsPairs, examining.readStereoSet]) {
        await keeps(`${read.name}, ${line}`, () => read(new TextEncoder().encode(line), path));
      }
    }
    await keeps('Trainer', () => train.Trainer.create({ ...TRAINING, data: wrong([TEXT, 5]) }));
    await keeps('documents', () => train.Trainer.create({ ...TRAINING, data: [TEXT], steps: -1 }));
    await keeps('preferences', () =>
      train.PreferenceTrainer.create(wrong({ ...TRAINING, model, data: [{ prompt: TEXT, chosen: 5 }] })),
    );
    await keeps('classes', () =>
      train.ClassifierTrainer.create(wrong({ ...TRAINING, model, data: [{ text: TEXT, label: 5 }] })),
    );
  }));

test('a server: its log, its errors and its metrics', async () => {
  const entries: AccessEntry[] = [];
  const errors: unknown[] = [];
  let isBroken = false;
  const load = async () => {
    if (isBroken) throw new Error('the disk is gone');
    return loadModel(memorySource('model', files), { build: 'simd' });
  };
  const handler = createHandler({
    ...{ models: { small: load, other: async () => Promise.reject(new Error('no disk')) } },
    ...{ onAnswer: (entry) => entries.push(entry), onError: (error) => errors.push(error) },
  });
  isBroken = false;
  const bodies: [path: string, body: unknown][] = [
    ...[
      '/v1/completions',
      '/v1/chat/completions',
      '/v1/embeddings',
      '/v1/score',
      '/tokenize',
      '/v1/nothing',
    ].flatMap((path) => [
      [path, `{"prompt": "${TEXT}`] as [string, unknown],
      [path, { prompt: TEXT, messages: MESSAGES, input: TEXT, text: TEXT }] as [string, unknown],
      [path, { prompt: [TEXT, 5], messages: [TEXT], input: [TEXT, {}], text: [5, TEXT] }] as [
        string,
        unknown,
      ],
      [path, { [TEXT]: TEXT }] as [string, unknown],
    ]),
    ['/v1/completions', { prompt: TEXT, max_tokens: 2 }],
    ['/v1/completions', { prompt: LONG }],
    ['/v1/completions', { model: TEXT, prompt: TEXT }],
    ['/v1/completions', { model: 'other', prompt: TEXT }],
    ['/v1/chat/completions', { messages: MESSAGES, max_tokens: 2 }],
    ['/v1/chat/completions', { messages: MESSAGES, max_tokens: 2, stream: true }],
    ['/v1/chat/completions', { model: 'other', messages: MESSAGES }],
    ['/v1/feedback', { user: TEXT, prompt: TEXT, completion: TEXT, label: true }],
    ['/v1/moderations', { input: TEXT }],
    ['/v1/score', { text: TEXT }],
  ];
  for (const [path, body] of bodies) await (await handler.fetch(request(path, body))).text();
  assert.is(entries.length, bodies.length);
  assert.ok(errors.length >= 2, 'a model that cannot be loaded is reported');
  assert.not.match(told([entries, errors]), WORD);
  assert.not.match(await (await handler.fetch(request('/metrics'))).text(), WORD);
  await handler.close();
});

test.run();
