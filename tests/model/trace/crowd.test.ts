import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AdaptedCore } from '../../../src/core/adapters/adapted_core.js';
import { Tracer } from '../../../src/core/hooks/tracer.js';
import type { ModelCore } from '../../../src/core/types.js';
import type { WasmCore } from '../../../src/core/wasm_core.js';
import type { KvFormat } from '../../../src/dtypes/kv_formats.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import { type Edit, Gpt2Error } from '../../../src/index.js';
import { logitsOf } from '../../../src/model/logits.js';
import { traceText } from '../../../src/model/trace/trace.js';
import { idsOnly } from '../../../src/tokenizer/ids_only.js';
import { randomAdapter } from '../../support/adapters.js';
import { holds } from '../../support/property.js';
import { randomCore } from '../../support/random_core.js';

const machines = fc.record({
  shape: fc.constantFrom(
    { channels: 24, heads: 3, innerChannels: 40 },
    { channels: 64, heads: 2, innerChannels: 64 },
    { channels: 18, heads: 2, innerChannels: 16 },
  ),
  weights: fc.constantFrom<WeightFormat>('f32', 'q8', 'q4'),
  kvCache: fc.constantFrom<KvFormat>('f32', 'f16', 'q8'),
  threads: fc.constantFrom(1, 1, 2),
  /** A text of the whole context needs 3. */
  pages: fc.constantFrom(4, 8, undefined),
});

const HOOKS = [
  'hook_embed',
  'hook_pos_embed',
  'blocks.0.hook_resid_pre',
  'blocks.1.ln1.hook_scale',
  'blocks.0.attn.hook_q',
  'blocks.1.attn.hook_k',
  'blocks.0.attn.hook_v',
  'blocks.1.attn.hook_attn_scores',
  'blocks.0.attn.hook_pattern',
  'blocks.1.attn.hook_z',
  'blocks.0.hook_attn_out',
  'blocks.1.hook_resid_mid',
  'blocks.0.ln2.hook_normalized',
  'blocks.1.mlp.hook_pre',
  'blocks.0.mlp.hook_post',
  'blocks.1.hook_mlp_out',
  'blocks.1.hook_resid_post',
  'ln_final.hook_scale',
  'ln_final.hook_normalized',
];

const texts = fc
  .record({
    ids: fc.oneof(
      fc.array(fc.nat(95), { minLength: 1, maxLength: 15 }),
      fc.array(fc.nat(95), { minLength: 120, maxLength: 300 }),
    ),
    core: fc.nat(1),
    /** Whether it also reads numbers that the forward pass does not compute. */
    derived: fc.boolean(),
    edits: fc.option(
      fc.array(
        fc.record({
          hook: fc.constantFrom(...HOOKS),
          value: fc.constantFrom(0.5, -1, 1.25),
          last: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
  })
  .map(({ ids, core, derived, edits }) => ({
    ids,
    core,
    derived,
    edit: edits?.map(({ hook, value, last }): Edit => {
      // A scale of 0 or less would end in numbers that are not finite.
      const change = { hook, op: 'scale', value: hook.endsWith('scale') ? 1.5 : value } as const;
      return last ? { ...change, positions: [-1] } : change;
    }),
  }));

type Text = typeof texts extends fc.Arbitrary<infer T> ? T : never;

/** All logits of a text, and of what is edited also the numbers at its hooks. */
async function resultOf(core: ModelCore, { ids, edit, derived }: Text): Promise<unknown> {
  const tokenizer = idsOnly(new Gpt2Error('not-found', 'it has none'), core.config.vocabSize);
  if (edit === undefined) return logitsOf(core, tokenizer, ids, {});
  const read = [...edit.map(({ hook }) => hook), ...(derived ? ['blocks.1.attn.hook_result'] : [])];
  return traceText(core, tokenizer, ids, { edit, read, logits: 'all' });
}

const TARGETS = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'] as const;

test('texts that are edited together with others, adapters beside them or not, have the bits of each alone', async () => {
  await holds(
    'bits of edited texts',
    fc.record({ machine: machines, all: fc.array(texts, { minLength: 1, maxLength: 6 }) }),
    async ({ machine: { shape, threads, pages, ...formats }, all }) => {
      const config = { ...shape, layers: 2, contextLength: 300, vocabSize: 96 };
      const cores = (core: WasmCore) => [
        core,
        new AdaptedCore(core, [{ adapter: randomAdapter(core.config, 1, 2, TARGETS), weight: 0.3 }]),
      ];
      const beside = async (core: WasmCore) => {
        cores(core);
        await Tracer.of(core);
      };
      const mixed = await randomCore({ config, ...formats, threads, pages, beside });
      const alone = await randomCore({ config, ...formats });
      try {
        const together = cores(mixed);
        const seen = await Promise.all(all.map((text) => resultOf(together[text.core]!, text)));
        const references = cores(alone);
        for (const [i, text] of all.entries()) {
          assert.equal(seen[i], await resultOf(references[text.core]!, text));
        }
        assert.is(mixed.stats.waiting + mixed.stats.running, 0);
      } finally {
        mixed.dispose();
        alone.dispose();
      }
    },
    15,
  );
});

test.run();
