// As wrong_types.test.ts, for the trainers of examples: CaptionTrainer and PrefixTrainer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { CaptionTrainer, PrefixTrainer } from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { triesWrongTypes, type ValidCalls } from '../../support/wrong_types.js';
import { PICTURES, TINY } from '../../train/captions/tiny.js';

// Wrong values that are texts may be taken as folders of training states, so the tests run in a temporary one.
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-trainers-'));
process.chdir(folder);
test.after(() => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
});

/** Options that Trainer has too, with which wrong_types.test.ts tries it. */
const RUN = { steps: 1, batchSize: 1, evaluateEvery: 1, build: 'simd', threads: 1 };

const PICTURE = PICTURES[0]!;
const CAPTIONS = {
  ...{ config: TINY, data: [PICTURE], validation: [PICTURE], contextLength: 6, startTokenId: 1 },
  ...{ frozen: ['encoder'], preprocessor: undefined, tokenizer: undefined, epochs: 1 },
};

const EXAMPLE = { features: Float32Array.of(1, 2), ids: [1, 2] };
const MLP = { kind: 'mlp', features: 2, vectors: 2, innerChannels: 3 };
const PREFIXES = {
  ...{ model: memorySource('model', await shardedFiles()), mapper: MLP, lora: { rank: 1 } },
  ...{ data: [EXAMPLE], validation: [EXAMPLE], contextLength: 8, trainModel: undefined },
  ...{ adapters: undefined, tokenizer: undefined, patience: 1 },
};

/** Options of a whole run, unless they are no object. */
const withRun = (options: object) =>
  (Object(options) === options ? { ...RUN, ...options } : options) as never;

async function trains(trainer: Promise<CaptionTrainer | PrefixTrainer>) {
  const created = await trainer;
  try {
    await created[Symbol.asyncIterator]().next();
    await created.saveState();
    await created.save(memoryTarget());
  } finally {
    created.dispose();
  }
}

/** Held-out data whose one example each call changes. */
let example: unknown;
const HELD = { validation: { length: 1, get: () => example }, patience: undefined };
const heldOut = (trainer: CaptionTrainer | PrefixTrainer) => (given: never) => {
  example = given;
  return trainer.evaluate();
};

const captions = await CaptionTrainer.create(withRun({ ...CAPTIONS, ...HELD }));
const prefixes = await PrefixTrainer.create(withRun({ ...PREFIXES, ...HELD }));
const alone = await PrefixTrainer.create(withRun({ ...PREFIXES, lora: undefined }));
const both = await PrefixTrainer.create(withRun({ ...PREFIXES, lora: undefined, trainModel: true }));
test.after(() => {
  for (const one of [captions, prefixes, alone, both]) one.dispose();
});

const mapped = (mapper: never) =>
  PrefixTrainer.create(withRun({ ...PREFIXES, mapper, lora: undefined })).then((one) => one.dispose());

const CALLS: ValidCalls = {
  'CaptionTrainer.create': [(options: object) => trains(CaptionTrainer.create(withRun(options))), CAPTIONS],
  'CaptionTrainer.create of a config': [
    (encoder: never, decoder: never) =>
      CaptionTrainer.create(withRun({ ...CAPTIONS, config: { encoder, decoder } })).then((one) =>
        one.dispose(),
      ),
    ...[TINY.encoder, TINY.decoder],
  ],
  'an example of CaptionTrainer': [heldOut(captions), { ...PICTURE, image: undefined, states: undefined }],
  'PrefixTrainer.create': [(options: object) => trains(PrefixTrainer.create(withRun(options))), PREFIXES],
  'PrefixTrainer.create with two matrices': [mapped, MLP],
  'PrefixTrainer.create with a transformer': [
    mapped,
    { kind: 'transformer', features: 2, vectors: 2, made: 2, layers: 1, heads: 3, innerChannels: 5 },
  ],
  'CaptionTrainer.save': [(target: never) => captions.save(target), memoryTarget()],
  'PrefixTrainer.save of an adapter': [(target: never) => prefixes.save(target), memoryTarget()],
  'PrefixTrainer.save of a mapper': [(target: never) => alone.save(target), memoryTarget()],
  'PrefixTrainer.save of a mapper and GPT-2': [(target: never) => both.save(target), memoryTarget()],
  'an example of PrefixTrainer': [heldOut(prefixes), EXAMPLE],
};

triesWrongTypes(test, CALLS);

test.run();
