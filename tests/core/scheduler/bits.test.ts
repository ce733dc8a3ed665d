import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AdaptedCore } from '../../../src/core/adapters/adapted_core.js';
import type { LogitsRow } from '../../../src/core/types.js';
import type { WasmCore } from '../../../src/core/wasm_core.js';
import type { KvFormat } from '../../../src/dtypes/kv_formats.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import { randomAdapter } from '../../support/adapters.js';
import { assertAsAlone, type Seen } from '../../support/alone.js';
import { holds } from '../../support/property.js';
import { randomCore } from '../../support/random_core.js';
import { follow, sequencePlans } from '../../support/sequence_plan.js';

/** Shapes of heads and panels that are not whole, beside whole ones. */
const SHAPES = [
  { channels: 24, heads: 3, innerChannels: 40 },
  { channels: 32, heads: 2, innerChannels: 64 },
  { channels: 18, heads: 2, innerChannels: 33 },
  { channels: 64, heads: 1, innerChannels: 32 },
];

const machines = fc.record({
  shape: fc.constantFrom(...SHAPES),
  weights: fc.constantFrom<WeightFormat>('f32', 'q8', 'q4'),
  kvCache: fc.constantFrom<KvFormat>('f32', 'f16', 'q8'),
  threads: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.constantFrom(2, 3)),
  /** A sequence of the whole context needs 4. */
  pages: fc.constantFrom(5, 9, 16, undefined),
});

/** A core with random adapters beside its weights. */
function adapted(core: WasmCore, seed: number): AdaptedCore {
  const targets = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'] as const;
  return new AdaptedCore(core, [
    { adapter: randomAdapter(core.config, seed, seed + 1, targets), weight: 0.3 },
  ]);
}

test('each of many sequences gets the logits and hidden states of that sequence alone, bit by bit', async () => {
  const inputs = fc.record({ machine: machines, plans: sequencePlans(3) });
  await holds(
    'bits of sequences that are evaluated together',
    inputs,
    async ({ machine: { shape, threads, pages, ...formats }, plans }) => {
      const config = { ...shape, contextLength: 400, vocabSize: 96 };
      const withAdapters = (core: WasmCore) => [core, ...[1, 2].map((seed) => adapted(core, seed))];
      const mixed = await randomCore({ config, ...formats, threads, pages, beside: withAdapters });
      const alone = await randomCore({ config, ...formats });
      const [cores, references] = [withAdapters(mixed), withAdapters(alone)];
      try {
        const seen = await Promise.all(plans.map((plan, i) => follow(cores, plan, i)));
        for (const [i, results] of seen.entries()) await assertAsAlone(references[plans[i]!.core]!, results);
        assert.is(mixed.stats.waiting + mixed.stats.running, 0);
      } finally {
        mixed.dispose();
        alone.dispose();
      }
    },
    25,
  );
});

test('a sequence whose numbers overflow ends alone', async () => {
  const core = await randomCore({ config: { vocabSize: 96 } });
  const adapter = randomAdapter(core.config, 1, 1, ['mlp.c_fc', 'mlp.c_proj']);
  const overflowing = new AdaptedCore(core, [{ adapter, weight: 1e30 }]);
  const seen: Seen[] = [];
  const read = ({ values, hidden }: LogitsRow) =>
    seen.push({ tokens: [1, 2, 3], logits: values.slice(), hidden: hidden.slice() });
  const [bad, good] = await Promise.allSettled([
    overflowing.sequence('call').evaluate({ tokens: [1, 2, 3], read }),
    core.sequence('call').evaluate({ tokens: [1, 2, 3], read }),
  ]);
  assert.is(bad.status === 'rejected' && bad.reason.code, 'runtime');
  assert.equal(good, { status: 'fulfilled', value: { cachedTokens: 0 } });
  assert.is(seen.length, 1);
  await assertAsAlone(core, seen);
  core.dispose();
});

test.run();
