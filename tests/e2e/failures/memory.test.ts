import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compress, decompress } from '../../../src/examine.js';
import { convertModel, loadModel, type Model } from '../../../src/index.js';
import { Trainer, trainTokenizer } from '../../../src/train.js';
import { eachAllocationFails } from '../../support/each_allocation.js';
import { fixture } from '../../support/fixture_files.js';
import { memoryTarget } from '../../support/memory_target.js';
import { shardedFiles } from '../../support/small_model.js';
import { OPTIONS } from '../../train/tiny.js';

const files = await shardedFiles();
const load = (more: object = {}) => loadModel(files, { build: 'simd', threads: 1, ...more });
const disposed = async (model: Promise<Model>, use: (model: Model) => unknown = () => {}) => {
  const loaded = await model;
  try {
    await use(loaded);
  } finally {
    loaded.dispose();
  }
};

const TEXT = 'Once upon a time there was a dog.';
const model = await load();
const IDS = model.tokenizer.encode(TEXT);
const first = model.session();
await first.generate(TEXT, { maxTokens: 2, seed: 1 });
const saved = await first.save();
first.dispose();
const adapted = fixture('peft/base');
const adapter = fixture('peft/lora');

async function trained(more: object): Promise<void> {
  const states = memoryTarget();
  const store = { latest: async () => undefined, target: () => states, prune: async () => {} };
  const { config: _, ...options } = OPTIONS;
  const trainer = await Trainer.create({ ...options, ...more, model: files, steps: 2, checkpoints: store });
  try {
    for await (const _ of trainer);
    await trainer.saveState();
    await trainer.save(memoryTarget());
  } finally {
    trainer.dispose();
  }
}

const CALLS: Readonly<Record<string, () => unknown>> = {
  loadModel: () => disposed(load()),
  'loadModel, 8 bits': () => disposed(load({ weights: 'q8' })),
  'a prompt of a new model': () => disposed(load(), (own) => own.generate(TEXT, { maxTokens: 2, seed: 1 })),
  'loadModel, two threads': () => disposed(load({ threads: 2 })),
  'a prompt, two threads': () =>
    disposed(load({ threads: 2, weights: 'q8' }), (own) => own.generate(TEXT, { maxTokens: 2, seed: 1 })),
  'several sequences': () =>
    disposed(load(), (own) =>
      Promise.all([1, 2, 3].map((seed) => own.generate(`${seed} ${TEXT}`, { maxTokens: 2, seed }))),
    ),
  beams: () => disposed(load(), (own) => own.generate(TEXT, { maxTokens: 2, beams: 3 })),
  generate: () => model.generate(TEXT, { maxTokens: 2, seed: 1 }),
  'generate, a format': () => model.generate(TEXT, { maxTokens: 2, seed: 1, format: { regex: '[a-z ]+' } }),
  'generate, a watermark': () => model.generate(TEXT, { maxTokens: 2, seed: 1, watermark: { kind: 'kgw' } }),
  'generate, banned texts': () => model.generate(TEXT, { maxTokens: 2, seed: 1, bannedTexts: 'dog' }),
  score: () => model.score(TEXT, { top: 3 }),
  logits: () => model.logits(IDS, { from: 0 }),
  embed: () => model.embed(TEXT),
  compress: async () => decompress(model, await compress(model, TEXT)),
  'a session': async () => {
    const session = await model.restore(saved);
    try {
      await session.generate(' and', { maxTokens: 2, seed: 1 });
      await session.save();
    } finally {
      session.dispose();
    }
  },
  adapters: () =>
    disposed(loadModel(adapted, { build: 'simd', threads: 1 }), async (own) => {
      const other = await own.withAdapters([adapter]);
      await other.logits([1, 2, 3]);
      other.dispose();
      await own.logits([1, 2, 3]);
    }),
  convertModel: async () => {
    for await (const _ of (await convertModel(files, { weights: 'q8' })).bytes());
  },
  trainTokenizer: () => trainTokenizer([TEXT.repeat(5)], { vocabSize: 270 }),
  'a run of training': () => trained({}),
  'a run that trains an adapter': () => trained({ lora: { rank: 2 } }),
  'a run of two threads': () => trained({ threads: 2 }),
  'a run with teachers': () => trained({ teachers: [files], teacherTexts: 1 }),
};

/** The bits of the model's answer. */
const answer = async () => Buffer.from((await model.logits(IDS)).buffer).toString('base64');
const expected = await answer();

for (const [title, call] of Object.entries(CALLS)) {
  test(`${title}: each allocation that fails gives an error with a code, and the model stays as it was`, async () => {
    await eachAllocationFails(call, (place) =>
      assert.is(model.stats().pages.used, 0, `${place}: pages are kept`),
    );
    assert.is(await answer(), expected);
  });
}

test.run();
