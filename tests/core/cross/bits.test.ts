import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AdaptedCore } from '../../../src/core/adapters/adapted_core.js';
import type { Core, ModelCore } from '../../../src/core/types.js';
import type { WasmCore } from '../../../src/core/wasm_core.js';
import type { KvFormat } from '../../../src/dtypes/kv_formats.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import { randomAdapter } from '../../support/adapters.js';
import { assertAsAlone } from '../../support/alone.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { randomCore } from '../../support/random_core.js';
import { follow, sequencePlans } from '../../support/sequence_plan.js';

const SHAPES = [
  { channels: 24, heads: 3, innerChannels: 40 },
  { channels: 18, heads: 2, innerChannels: 33 },
  { channels: 64, heads: 1, innerChannels: 32 },
  { channels: 3, heads: 3, innerChannels: 5 },
];

const machines = fc.record({
  shape: fc.constantFrom(...SHAPES),
  weights: fc.constantFrom<WeightFormat>('f32', 'q8', 'q4'),
  kvCache: fc.constantFrom<KvFormat>('f32', 'f16', 'q8'),
  threads: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.constantFrom(2, 3)),
  /** A sequence of the whole context needs 4, and a memory up to 3. */
  pages: fc.constantFrom(8, 12, undefined),
  /** How many states each of three memories has, and whether the first two are kept. */
  states: fc.tuple(
    ...[1, 2, 3].map(() => fc.oneof(fc.constantFrom(1, 128, 129), fc.integer({ min: 1, max: 300 }))),
  ),
  isKept: fc.boolean(),
});

/** A core whose sequences all attend to some states: to one memory if it is kept, else each to its own. */
function attending(core: ModelCore, host: WasmCore, states: Float32Array, isKept: boolean): Core {
  const { cross } = host;
  const shared = isKept ? cross!.memoryOf(states, true) : undefined;
  return {
    config: core.config,
    batchTimes: core.batchTimes,
    sequence: (use) => core.sequence(use, true, shared ?? cross!.memoryOf(states, false)),
  };
}

test('each of many sequences gets the bits of that sequence alone, whatever states it and others attend to', async () => {
  const inputs = fc.record({ machine: machines, plans: sequencePlans(5, 10) });
  await holds(
    'bits of sequences that attend to states',
    inputs,
    async ({ machine: { shape, threads, pages, states, isKept, ...formats }, plans }) => {
      const config = { ...shape, contextLength: 400, vocabSize: 96, crossAttention: true };
      const withAdapter = (core: WasmCore) =>
        new AdaptedCore(core, [
          { adapter: randomAdapter(core.config, 1, 2, ['attn.c_attn', 'mlp.c_fc']), weight: 0.3 },
        ]);
      const mixed = await randomCore({ config, ...formats, threads, pages, beside: withAdapter });
      const alone = await randomCore({ config, ...formats });
      const random = randomSource(7);
      const memories = states.map((count) =>
        Float32Array.from({ length: count * shape.channels }, () => 4 * (random.uniform() - 0.5)),
      );
      const coresOf = (core: WasmCore, keeps: boolean): Core[] => [
        core,
        attending(core, core, memories[0]!, keeps),
        attending(core, core, memories[1]!, keeps),
        attending(core, core, memories[2]!, false),
        attending(withAdapter(core), core, memories[0]!, keeps),
      ];
      const [cores, references] = [coresOf(mixed, isKept), coresOf(alone, false)];
      try {
        const seen = await Promise.all(plans.map((plan, i) => follow(cores, plan, i)));
        for (const [i, results] of seen.entries()) await assertAsAlone(references[plans[i]!.core]!, results);
        assert.is(mixed.stats.waiting + mixed.stats.running, 0);
      } finally {
        mixed.dispose();
        alone.dispose();
      }
    },
    12,
  );
});

test.run();
