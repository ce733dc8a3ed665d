import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS, type LoraAdapter } from '../../../src/architecture/gpt2/lora.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { estimateMemory } from '../../../src/core/layout.js';
import { WEIGHT_FORMATS } from '../../../src/dtypes/weight_formats.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import type { AdapterChoice } from '../../../src/model/adapters/adapter_choice.js';
import { loadModel, loadTokenizer } from '../../../src/model/load_model.js';
import type { Model } from '../../../src/model/model.js';
import { randomAdapter } from '../../support/adapters.js';
import { checkpointFolder, expectedOf } from '../../support/checkpoints.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-run-time-adapters-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const tokenizer = await loadTokenizer(storiesTiny);

let written = 0;
async function write(adapter: LoraAdapter): Promise<string> {
  const path = join(folder, String(written++));
  await writeAdapter(folderTarget(path), adapter, null);
  return path;
}

/** Two adapters of a fixture: of all matrices; and of two, with a rank of more than one panel. */
async function adaptersOf(name: string): Promise<[string, string]> {
  const { config } = await openCheckpoint(await folderSource(checkpointFolder(name)));
  const everywhere = await write(randomAdapter(config, 1, 3, LORA_TARGETS));
  return [everywhere, await write(randomAdapter(config, 2, 18, ['attn.c_proj', 'mlp.c_fc']))];
}

const distance = (x: Float32Array, y: Float32Array) =>
  x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);

const load = (name: string, options: object = {}) =>
  loadModel(checkpointFolder(name), { build: 'simd', threads: 1, tokenizer, ...options });

/** Logits of the model with these adapters, which are then disposed. */
async function logitsWith(
  model: Model,
  adapters: readonly AdapterChoice[],
  ids: readonly number[],
): Promise<Float32Array> {
  const adapted = await model.withAdapters(adapters);
  const logits = await adapted.logits(ids);
  adapted.dispose();
  return logits;
}

for (const name of ['base', 'odd-sizes', 'wide-head', 'exact-gelu']) {
  test(`${name}: adapters beside the weights do what merged ones do`, async () => {
    const [one, two] = await adaptersOf(name);
    const ids = expectedOf(name).input_ids;
    for (const build of ['simd', 'auto'] as const) {
      const base = await load(name, { build });
      for (const adapters of [[one], [two], [{ source: two, weight: -0.5 }, one]]) {
        const merged = await load(name, { build, adapters });
        const want = await merged.logits(ids);
        const got = await logitsWith(base, adapters, ids);
        assert.ok(distance(got, want) < 1e-4, `${distance(got, want)}`);
        assert.ok(distance(await base.logits(ids), want) > 0.1);
        merged.dispose();
      }
      base.dispose();
    }
  });
}

for (const weights of WEIGHT_FORMATS) {
  test(`${weights}: the same bits for 1, 2 and 3 threads; a stack is a sum`, async () => {
    const [one, two] = await adaptersOf('odd-sizes');
    const ids = expectedOf('odd-sizes').input_ids;
    const adapters = [one, { source: two, weight: 0.3 }];
    let first: Float32Array | undefined;
    for (const threads of [1, 2, 3]) {
      const base = await load('odd-sizes', { weights, threads });
      assert.is(base.runtime.threads, threads);
      const plain = await base.logits(ids);
      const got = await logitsWith(base, adapters, ids);
      first ??= got;
      assert.equal(got, first, `${threads} threads`);
      assert.equal(await base.logits(ids), plain);

      const halves = adapters.map((choice) => {
        const { source, weight } = typeof choice === 'string' ? { source: choice, weight: 1 } : choice;
        return { source, weight: weight / 2 };
      });
      const twice = await logitsWith(base, [...halves, ...halves], ids);
      const most = weights === 'f32' ? 1e-4 : 0.05 * distance(got, plain);
      assert.ok(distance(twice, got) < most, `${distance(twice, got)}`);
      assert.equal(await logitsWith(base, [{ source: one, weight: 0 }], ids), plain);
      assert.equal(await logitsWith(base, [], ids), plain);

      // Quantization costs adapters beside the weights no more than it costs merged weights.
      const exact = await load('odd-sizes', { adapters });
      const loss = distance(got, await exact.logits(ids));
      const scale = distance(await exact.logits(ids), await (await load('odd-sizes')).logits(ids));
      assert.ok(loss < (weights === 'f32' ? 1e-4 : weights === 'q8' ? 0.1 : 0.8) * scale, `${loss} ${scale}`);

      base.dispose();
      exact.dispose();
    }
  });
}

test('a token at a time gives the bits of a block', async () => {
  const [one] = await adaptersOf('base');
  for (const weights of WEIGHT_FORMATS) {
    const base = await load('base', { weights });
    const adapted = await base.withAdapters([one]);
    const prompt = expectedOf('base').input_ids.slice(0, 4);
    const options = { temperature: 0, ignoreEos: true, logprobs: 2 };
    const whole = await adapted.generate(prompt, { ...options, maxTokens: 6 });
    const { sum, logprobs } = await adapted.score([...prompt, ...whole.tokens], { start: false });
    assert.ok(Number.isFinite(sum));
    whole.logprobs!.forEach(({ logprob }, i) => {
      assert.ok(Math.abs(logprob - logprobs[prompt.length - 1 + i]!) < 1e-6);
    });
    base.dispose();
  }
});

test('models with different adapters generate at the same time as each would alone', async () => {
  const [one, two] = await adaptersOf('base');
  for (const threads of [1, 2]) {
    const base = await load('base', { threads });
    const models = [
      base,
      await base.withAdapters([one]),
      await base.withAdapters([two]),
      await base.withAdapters([one, two]),
    ];
    const prompt = expectedOf('base').input_ids.slice(0, 6);
    const options = { temperature: 0.9, seed: 3, maxTokens: 12, ignoreEos: true };
    const tokensOf = async (model: Model) => (await model.generate(prompt, options)).tokens;
    const alone = [];
    for (const model of models) alone.push(await tokensOf(model));
    assert.is(new Set(alone.map(String)).size, 4);
    assert.equal(await Promise.all(models.map(tokensOf)), alone);

    // `withAdapters` of a model with adapters gives one that has only the new ones.
    const swapped = await models[3]!.withAdapters([two]);
    assert.equal(await tokensOf(swapped), alone[2]);
    base.dispose();
    await thrown(() => tokensOf(swapped), 'disposed');
  }
});

test('swapping takes no more memory, and only what was disposed is gone', async () => {
  const [one, two] = await adaptersOf('base');
  const base = await load('base');
  const ids = expectedOf('base').input_ids;
  const want = await logitsWith(base, [two], ids);
  await logitsWith(base, [one], ids);
  const { memoryBytes } = base.runtime;
  for (let i = 0; i < 2000; i++) (await base.withAdapters(i % 2 ? [one] : [])).dispose();
  assert.equal(await logitsWith(base, [two], ids), want);
  const { cache } = estimateMemory(base.config);
  assert.ok(base.runtime.memoryBytes <= memoryBytes + 2 * cache, 'two texts more at most');

  const [kept, gone] = [await base.withAdapters([two]), await base.withAdapters([one])];
  const session = gone.session();
  await session.generate(ids.slice(0, 3), { maxTokens: 2 });
  const running = gone.logits(ids);
  gone.dispose();
  gone.dispose();
  // The running call keeps its adapters to its end, or is ended; new ones must not take their place before.
  await Promise.allSettled([running]);
  const next = await base.withAdapters([one]);
  assert.equal(await kept.logits(ids), want);
  assert.equal(next.config, base.config);
  await thrown(() => session.generate(ids.slice(0, 4)), 'disposed');
  await thrown(() => gone.logits(ids), 'disposed');
  await thrown(async () => gone.session().generate(ids), 'disposed');
  base.dispose();
  await thrown(() => kept.logits(ids), 'disposed');
  await thrown(() => base.withAdapters([one]), 'disposed');
});

test('what is no adapter is refused, and the model goes on', async () => {
  const base = await load('base');
  const [other] = await adaptersOf('odd-sizes');
  await thrown(() => base.withAdapters([folder]), 'not-found', 'adapter_config.json');
  await thrown(() => base.withAdapters('x' as never), 'invalid-option', 'adapters');
  await thrown(() => base.withAdapters([{ source: other, weight: NaN }]), 'invalid-option', 'weight');
  await thrown(() => base.withAdapters([other]), 'invalid-file', 'shape');
  const controller = new AbortController();
  controller.abort();
  await thrown(() => base.withAdapters([other], { signal: controller.signal }), 'aborted');
  await base.logits([1, 2]);
  base.dispose();
});

test.run();
