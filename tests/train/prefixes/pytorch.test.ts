import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storedMapperWeights } from '../../../src/architecture/clipcap/parameters.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import { mapperConfig } from '../../../src/checkpoints/clipcap/mapper_config.js';
import { openMapperFile } from '../../../src/checkpoints/clipcap/mapper_file.js';
import { mapperShape } from '../../../src/checkpoints/clipcap/mapper_shape.js';
import { mapperTensors } from '../../../src/checkpoints/clipcap/mapper_tensors.js';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { byteLengthOf } from '../../../src/checkpoints/match.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { loadMapper } from '../../../src/index.js';
import { prefixRows } from '../../../src/train/prefixes/prefix_rows.js';
import { PrefixTrainer } from '../../../src/train/prefixes/prefix_trainer.js';
import { insideModel } from '../../support/inside_model.js';
import { BUILDS } from '../../support/relaxed.js';
import { norm } from '../../support/training.js';

/** Results of training. */
interface Trained {
  /** The loss before each of five steps and after the last. */
  readonly losses: readonly number[];
  /** Norms of the gradients of the mean loss, by the names of the stored tensors. */
  readonly grad_norms: Readonly<Record<string, number>>;
}

const FOLDER = new URL('../../fixtures/clipcap/', import.meta.url);
const EXPECTED: Readonly<
  Record<
    'mlp' | 'transformer',
    { readonly vectors: readonly number[]; readonly alone: Trained; readonly both: Trained }
  >
> & {
  readonly texts: readonly (readonly number[])[];
  readonly features: readonly number[];
  readonly heads: number;
} = JSON.parse(readFileSync(new URL('train.json', FOLDER), 'utf8'));

const D = EXPECTED.features.length / EXPECTED.texts.length;
const DATA = EXPECTED.texts.map((ids, i) => ({
  ids,
  features: Float32Array.from(EXPECTED.features.slice(i * D, (i + 1) * D)),
}));
const KINDS = ['mlp', 'transformer'] as const;
const fileOf = (kind: string) => ({
  'model.safetensors': readFileSync(new URL(`${kind}.safetensors`, FOLDER)),
});

function assertNear(got: number, want: number, what: string, unit = Math.abs(want)): void {
  const error = Math.abs(got - want) / unit;
  assert.ok(error <= 1e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

for (const kind of KINDS) {
  test(`${kind}: the vectors are PyTorch's`, async () => {
    const { vectors: want } = EXPECTED[kind];
    const model = { config: { channels: 32 } };
    const mapper = await loadMapper(fileOf(kind), { model, heads: EXPECTED.heads, build: 'simd' });
    for (const [i, { features }] of DATA.entries()) {
      for (const [j, value] of (await mapper.map(features)).entries()) {
        assertNear(value, want[i * 96 + j]!, `number ${j} of ${i}`, 1 + Math.abs(want[i * 96 + j]!));
      }
    }
    mapper.dispose();
  });

  for (const build of BUILDS) {
    for (const recompute of [false, true]) {
      test(`${kind}, ${build}${recompute ? ', recomputing' : ''}: gradients are PyTorch's, of the mapper alone and of all`, async () => {
        const checkpoint = await openCheckpoint(await folderSource(insideModel.pathname));
        const { config } = checkpoint;
        const file = await openMapperFile(
          await folderSource(new URL(`${kind}.safetensors`, FOLDER).pathname),
        );
        const prefix = mapperConfig(file, mapperShape(file), config.channels, EXPECTED.heads);
        const tensors = mapperTensors(file, prefix);
        const rows = prefixRows({
          ...{ rows: 3, length: 10, endTokenId: 0, vectors: 3, featureCount: D },
          ...{ vocabSize: config.vocabSize, tokenizer: undefined },
        });
        const batch = rows.batch(await Promise.all(DATA.map((example) => rows.row(example))));
        const scale = 1 / (EXPECTED.texts.flat().length + 3);
        for (const [title, frozen] of [
          ['alone', ['decoder']],
          ['both', []],
        ] as const) {
          const { losses, grad_norms } = EXPECTED[kind][title];
          const shape = { batch: 3, length: 10, recompute, prefix, frozen };
          const core = await TrainCore.create({ config, build, shape, threads: 1 });
          await loadWeights(checkpoint, core.loader('weights'));
          await loadWeights(
            { source: file.source, tensors, totalBytes: byteLengthOf(tensors) },
            core.loader('weights'),
          );
          assertNear((await core.accumulate(batch, { scale })) * scale, losses[0]!, 'loss');
          const whole = Math.hypot(...Object.values(grad_norms));
          assertNear(await core.gradientNorm(), whole, 'norm of all');
          const normOf = (parts: readonly Parameter[]) =>
            Math.hypot(...parts.map((part) => norm(core.read('gradients', part))));
          const stored = [
            ...storedMapperWeights(prefix).map(({ name, parts }) => [`clip_project.${name}`, parts] as const),
            ...(title === 'both' ? [...checkpoint.tensors.keys()] : []).map(
              (name) =>
                [`gpt.transformer.${name}`, core.parameters.filter((one) => one.name === name)] as const,
            ),
          ];
          assert.is(stored.length, Object.keys(grad_norms).length);
          for (const [name, parts] of stored) {
            const want = grad_norms[name]!;
            assertNear(normOf(parts), want, name, Math.max(want, 1e-3 * whole));
          }
          core.dispose();
        }
      });
    }
  }

  for (const [title, trainModel] of [
    ['alone', false],
    ['both', true],
  ] as const) {
    test(`${kind}: five steps of PrefixTrainer are PyTorch's, ${title}`, async () => {
      const { losses, grad_norms } = EXPECTED[kind][title];
      const trainer = await PrefixTrainer.create({
        ...{ model: insideModel, mapper: { source: fileOf(kind), heads: EXPECTED.heads }, trainModel },
        ...{ data: DATA, validation: DATA, steps: 5, batchSize: 3, evaluateEvery: 5 },
        ...{ learningRate: 1e-3, warmup: 0, schedule: 'constant', maxGradientNorm: Infinity },
        ...{ build: 'simd', threads: 1 },
      });
      for await (const { step, loss, gradNorm, validationLoss } of trainer) {
        assertNear(loss, losses[step - 1]!, `loss before step ${step}`);
        if (step === 1) assertNear(gradNorm, Math.hypot(...Object.values(grad_norms)), 'norm');
        if (step === 5) assertNear(validationLoss!, losses[5]!, 'loss after the last step');
      }
      trainer.dispose();
    });
  }
}

test.run();
