import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../src/architecture/gpt2/config.js';
import {
  LORA_TARGETS,
  type LoraShape,
  type LoraTarget,
  loraParameters,
  targetParameters,
} from '../../../src/architecture/gpt2/lora.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import type { Build } from '../../../src/core/binary.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import type { TrainingShape } from '../../../src/core/training/shape.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { trainStep } from '../../../src/train/step.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { thrown } from '../../support/thrown.js';
import {
  DROPOUT,
  loadTrainCore,
  norm,
  randomBatch,
  SHAPE,
  sameOnThreads,
  state,
} from '../../support/training.js';

const EVERYWHERE: LoraShape = { rank: 3, alpha: 5, targets: LORA_TARGETS };

/** A core that trains an adapter of random numbers: unlike in a new adapter, B is not 0. */
async function loadLora(
  name: string,
  build: Build,
  lora: LoraShape,
  shape: TrainingShape = SHAPE,
  threads = 1,
): Promise<TrainCore> {
  const core = await loadTrainCore(name, build, { ...shape, lora }, threads);
  const random = randomSource(1);
  for (const parameter of core.parameters) {
    core.write(
      'weights',
      parameter,
      core.read('weights', parameter).map(() => 0.6 * (random.uniform() - 0.5)),
    );
  }
  return core;
}

/** Loads base + scale A B into a core that trains all weights. */
function merge(from: TrainCore, to: TrainCore, { rank, alpha, targets }: LoraShape): void {
  const changed = new Map(
    targetParameters(from.config, targets).map((parameter) => [parameter.name, parameter]),
  );
  for (const parameter of to.parameters) {
    const values = from.read('weights', parameter);
    if (changed.has(parameter.name)) {
      const [K, N] = parameter.shape as [number, number];
      const pair = loraParameters(parameter, rank);
      const [a, b] = [from.read('weights', pair.a), from.read('weights', pair.b)];
      for (let i = 0; i < K * N; i++) {
        const [k, n] = [Math.floor(i / N), i % N];
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += a[r * K + k]! * b[n * rank + r]!;
        values[i]! += (alpha / rank) * sum;
      }
    }
    to.write('weights', parameter, values);
  }
}

/**
 * The gradients of A and B by the chain rule, from that of the whole matrix: dA = scale B^T dW^T, dB = scale
 * dW^T A^T.
 */
function chainRule(lora: TrainCore, whole: TrainCore, parameter: Parameter, { rank, alpha }: LoraShape) {
  const [K, N] = parameter.shape as [number, number];
  const pair = loraParameters(parameter, rank);
  const [a, b] = [lora.read('weights', pair.a), lora.read('weights', pair.b)];
  const dw = whole.read('gradients', parameter);
  const [da, db] = [new Float64Array(rank * K), new Float64Array(N * rank)];
  const scale = alpha / rank;
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) {
      for (let r = 0; r < rank; r++) {
        da[r * K + k]! += scale * dw[k * N + n]! * b[n * rank + r]!;
        db[n * rank + r]! += scale * dw[k * N + n]! * a[r * K + k]!;
      }
    }
  }
  return { da, db };
}

function expectNear(got: Float32Array, want: Float64Array, name: string): void {
  const difference = norm(got.map((value, i) => value - want[i]!));
  const size = norm(Float32Array.from(want));
  assert.ok(size > 1e-3 && difference <= 1e-4 * size, `${name}: ${difference} of ${size}`);
}

const SHAPES: [string, LoraShape, Partial<TrainingShape>][] = [
  ['odd-sizes', EVERYWHERE, {}],
  ['untied-head', { rank: 1, alpha: 0.5, targets: ['attn.c_attn'] }, { recompute: true }],
  ['wide-head', { rank: 16, alpha: 4, targets: ['mlp.c_proj', 'attn.c_proj'] }, {}],
  ['exact-gelu', { rank: 33, alpha: 9, targets: ['mlp.c_fc', 'attn.c_attn'] }, {}],
];

for (const build of BUILDS) {
  for (const [name, lora, more] of SHAPES) {
    test(`${build}: ${name}: losses are those of the merged model, gradients those that the chain rule gives`, async () => {
      const shape = { ...SHAPE, ...more };
      const core = await loadLora(name, build, lora, shape);
      const whole = await loadTrainCore(name, build, shape);
      merge(core, whole, lora);
      const batch = randomBatch(2, core.config.vocabSize, 3, 17);
      for (const options of [{ scale: 1 }, { scale: 1 / 40, dropout: DROPOUT, seed: 3, microbatch: 4 }]) {
        const loss = await core.accumulate(batch, options);
        const want = await whole.accumulate(batch, options);
        assert.ok(Math.abs(loss - want) < 1e-5 * want, `${loss} ${want}`);
      }
      for (const parameter of targetParameters(core.config, lora.targets)) {
        const { da, db } = chainRule(core, whole, parameter, lora);
        const pair = loraParameters(parameter, lora.rank);
        expectNear(core.read('gradients', pair.a), da, pair.a.name);
        expectNear(core.read('gradients', pair.b), db, pair.b.name);
      }
    });
  }

  test(`${build}: five steps are those of AdamW on A and B, the rest stays`, async () => {
    const lora = { ...EVERYWHERE, rank: 2 };
    const core = await loadLora('base', build, lora);
    const whole = await loadTrainCore('base', build, SHAPE);
    const before = core.frozen.map((parameter) => core.read('weights', parameter));
    const twin = await loadLora('base', build, lora);
    const moments = new Map(
      core.parameters.map(({ name, shape: [n, k] }) => [name, [0, 0].map(() => new Float64Array(n! * k!))]),
    );
    const [beta1, beta2, learningRate, weightDecay, epsilon] = [0.9, 0.95, 3e-3, 0.1, 1e-8];
    for (let step = 1; step <= 5; step++) {
      const batch = randomBatch(step, core.config.vocabSize);
      const options = { step, learningRate, beta1, beta2, weightDecay, epsilon, maxGradientNorm: Infinity };
      const { loss, targets } = await trainStep(core, [batch], options);
      merge(twin, whole, lora);
      const want = (await whole.accumulate(batch, { scale: 1 / targets })) / targets;
      assert.ok(Math.abs(loss - want) < 2e-5 * want, `step ${step}: ${loss} ${want}`);
      for (const parameter of targetParameters(core.config, lora.targets)) {
        const { da, db } = chainRule(twin, whole, parameter, lora);
        const pair = loraParameters(parameter, lora.rank);
        for (const [half, gradient] of [
          [pair.a, da],
          [pair.b, db],
        ] as const) {
          const [m, v] = moments.get(half.name) as [Float64Array, Float64Array];
          const moved = twin.read('weights', half).map((weight, i) => {
            m[i] = beta1 * m[i]! + (1 - beta1) * gradient[i]!;
            v[i] = beta2 * v[i]! + (1 - beta2) * gradient[i]! ** 2;
            const deviation = Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon;
            return (
              weight * (1 - learningRate * weightDecay) -
              (learningRate * m[i]!) / (1 - beta1 ** step) / deviation
            );
          });
          twin.write('weights', half, moved);
        }
      }
      await whole.update({ learningRate: 0, step, beta1, beta2, epsilon, weightDecay: 0, gradientScale: 0 });
    }
    assert.equal(
      core.frozen.map((parameter) => core.read('weights', parameter)),
      before,
    );
  });

  test(`${build}: 2 and 3 threads train an adapter with the bits of one`, async () => {
    for (const [name, lora, more] of SHAPES) {
      await sameOnThreads((threads) => loadLora(name, build, lora, { ...SHAPE, ...more }, threads));
    }
  });
}

test("an adapter whose B is 0 changes no bit of the model's losses", async () => {
  const core = await loadLora('odd-sizes', 'simd', EVERYWHERE);
  for (const parameter of core.parameters) {
    if (parameter.name.includes('lora_B'))
      core.write('weights', parameter, core.read('weights', parameter).fill(0));
  }
  const plain = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const batch = randomBatch(5, core.config.vocabSize);
  assert.is(await core.evaluate(batch), await plain.evaluate(batch));
});

test('sums over more rows than are added in one call are complete', async () => {
  const shape = { vocab_size: 50, n_positions: 400, n_embd: 20, n_layer: 1, n_head: 2 };
  const config = parseConfig({ model_type: 'gpt2', ...shape }, 'test');
  const lora = { rank: 18, alpha: 1, targets: LORA_TARGETS };
  const gradients = async (batches: readonly Batch[]) => {
    const core = await TrainCore.create({
      config,
      build: 'simd',
      shape: { batch: 2, length: 400, lora },
      threads: 1,
    });
    const random = randomSource(6);
    for (const parameter of [...core.frozen, ...core.parameters]) {
      core.write(
        'weights',
        parameter,
        core.read('weights', parameter).map(() => random.uniform() - 0.5),
      );
    }
    for (const batch of batches) await core.accumulate(batch, { scale: 1 });
    return state(core, 'gradients');
  };
  const { tokens, targets } = randomBatch(7, 50, 2, 400);
  const half = (first: number) => ({
    ...{ batch: 1, length: 400 },
    ...{
      tokens: Array.from(tokens).slice(first, first + 400),
      targets: Array.from(targets).slice(first, first + 400),
    },
  });
  const whole = await gradients([{ batch: 2, length: 400, tokens, targets }]);
  const parts = await gradients([half(0), half(400)]);
  whole.forEach((values, i) => void expectNear(values, Float64Array.from(parts[i]!), `parameter ${i}`));
});

test('the estimate of an adapter is the memory that it takes: that of the model and little more', async () => {
  for (const [name, lora] of SHAPES) {
    const shape = { batch: 5, length: 48, lora };
    const core = await loadTrainCore(name, 'simd', shape);
    const { total } = estimateTrainingMemory(core.config, shape);
    assert.ok(
      core.memoryBytes >= total && core.memoryBytes <= total + 2 ** 17,
      `${core.memoryBytes}, ${total}`,
    );
  }
  const gpt2 = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
  const config = parseConfig({ model_type: 'gpt2', ...gpt2 }, 'test');
  const targets: LoraTarget[] = ['attn.c_attn'];
  const shape = { batch: 4, length: 256, lora: { rank: 8, alpha: 16, targets } };
  const { weights, gradients, moments, parameters } = estimateTrainingMemory(config, shape);
  assert.is(parameters, 12 * 8 * (768 + 3 * 768));
  assert.ok(weights < 4.05 * 124_439_808);
  assert.ok(gradients + moments < 0.02 * weights);
});

test('frozen weights have no gradients, and an invalid rank is refused', async () => {
  const core = await loadLora('base', 'simd', EVERYWHERE);
  await thrown(async () => core.read('gradients', core.frozen[0]!), 'invalid-option', 'not trained');
  for (const rank of [0, 1.5, -1]) {
    await thrown(
      () => loadLora('base', 'simd', { ...EVERYWHERE, rank }),
      'invalid-option',
      `rank is ${rank}`,
    );
  }
});

test.run();
