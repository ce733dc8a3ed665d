import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeAdapter } from '../../src/checkpoints/peft/write_adapter.js';
import type { KvFormat } from '../../src/dtypes/kv_formats.js';
import { type GenerateOptions, type LoadModelOptions, loadModel, type Model } from '../../src/index.js';
import { randomAdapter } from '../support/adapters.js';
import { memoryTarget } from '../support/memory_target.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { randomModel } from '../support/random_core.js';
import { BUILDS } from '../support/relaxed.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const CONTEXT = { contextLength: 400, vocabSize: 300 };
const OPTIONS = { build: 'simd', threads: 1 } as const;
const NEXT = { maxTokens: 5, seed: 2, logprobs: 3, ignoreEos: true } as const;

const random = randomSource(freshSeed('saved sessions'));
const ids = (length: number) => Array.from({ length }, () => random.below(300));

async function withModels(
  options: readonly LoadModelOptions[],
  use: (...models: Model[]) => Promise<void>,
  source: Parameters<typeof loadModel>[0] = storiesTiny,
): Promise<void> {
  const models = await Promise.all(options.map((one) => loadModel(source, { ...OPTIONS, ...one })));
  try {
    await use(...models);
  } finally {
    for (const model of models) model.dispose();
  }
}

const { text: STORY } = await loadModel(storiesTiny, OPTIONS).then((model) =>
  model.generate('Once', { maxTokens: 180, seed: 1, ignoreEos: true }),
);

/** Fails unless two sessions go on in the same way, and reuse the same. */
async function assertGoOnAlike(
  session: { generate(prompt: number[], options: GenerateOptions): Promise<object> },
  other: typeof session,
  prompt?: number[],
) {
  const [a, b] = [await session.generate(prompt!, NEXT), await other.generate(prompt!, NEXT)];
  assert.equal({ ...a, timings: 0 }, { ...b, timings: 0 });
}

for (const shape of [
  { channels: 24, heads: 3, innerChannels: 40 },
  { channels: 18, heads: 2, innerChannels: 33 },
  { channels: 64, heads: 1, innerChannels: 32 },
]) {
  for (const kvCache of ['f32', 'f16', 'q8'] as KvFormat[]) {
    test(`a restored session continues to the same bits: heads of ${shape.channels / shape.heads}, ${kvCache}`, async () => {
      const source = await randomModel({ ...shape, ...CONTEXT });
      const weights = random.pick(['f32', 'q8', 'q4'] as const);
      const load = { kvCache, weights };
      await withModels(
        [load, { ...load, threads: 2 }],
        async (here, there) => {
          // What earlier texts have left in pages must not show.
          const filler = await Promise.all([1, 2, 3].map(() => there.generate(ids(390), { maxTokens: 1 })));
          assert.is(filler.length, 3);
          for (const length of [1, 128, 129, 127 + random.below(200)]) {
            const prompt = ids(length);
            const session = here.session();
            await session.generate(prompt, NEXT);
            const bytes = await session.save();
            const restored = await there.restore(bytes);
            assert.equal(restored.tokens, session.tokens);
            assert.equal(await restored.save(), bytes);
            await assertGoOnAlike(session, restored, [...session.tokens, ...ids(9)]);
            session.dispose();
            restored.dispose();
          }
        },
        source,
      );
    });
  }
}

test('the text goes along: what was appended, healed and cut by a stop string', () =>
  withModels([{}, {}], async (here, there) => {
    const session = here.session();
    const restored = async () => there.restore(await session.save());
    assert.equal((await restored()).tokens, []);
    session.append('Once upon a ti');
    await assertGoOnAlike(session.fork(), await restored());
    await session.generate(undefined, { heal: true, maxTokens: 20, stop: ['e'], seed: 3 });
    session.append(' The c');
    session.append('at');
    await assertGoOnAlike(session, await restored());
    await session.generate('The end', { n: 3, maxTokens: 4 });
    await assertGoOnAlike(session, await restored());
    const fork = (await restored()).fork();
    await assertGoOnAlike(session, fork);
  }));

for (const build of BUILDS) {
  test(`${build}: nothing is evaluated again`, () =>
    withModels([{ build }, { build }], async (here, there) => {
      const session = here.session();
      await session.generate(STORY, { maxTokens: 3 });
      const restored = await there.restore(await session.save());
      const { length } = restored;
      const { usage } = await restored.generate(restored.tokens, { maxTokens: 1 });
      assert.is(usage.cachedPromptTokens, length - 1);
    }));
}

test('a session whose pages were taken is evaluated again before it is saved, and where there is no room later', async () => {
  const source = await randomModel({ channels: 24, heads: 3, innerChannels: 40, ...CONTEXT });
  const { memoryBytes } = (await loadModel(source, OPTIONS)).runtime;
  await withModels(
    [{}, { maxMemory: memoryBytes + 3 * 73_728 }],
    async (here, small) => {
      const session = small.session();
      await session.generate(ids(300), NEXT);
      const bytes = await session.save();
      await small.generate(ids(390), { maxTokens: 1 });
      assert.equal(await session.save(), bytes);
      // While others fill the memory, a session is restored all the same.
      const busy = small.generate(ids(380), { maxTokens: 10, ignoreEos: true });
      while (small.stats().running === 0) await new Promise((resolve) => setImmediate(resolve));
      const restored = await small.restore(bytes);
      await busy;
      const prompt = [...session.tokens, 1];
      const { choices } = await restored.generate(prompt, NEXT);
      assert.equal(choices, (await here.generate(prompt, NEXT)).choices);
    },
    source,
  );
});

test('bytes of another model, build, format or choice of adapters are refused, and the message says what differs', async () => {
  const model = await loadModel(storiesTiny, { ...OPTIONS, kvCache: 'f32' });
  const session = model.session();
  await session.generate('The cat', { maxTokens: 2 });
  const bytes = await session.save();
  const refuses = async (
    options: LoadModelOptions,
    message: RegExp,
    source: typeof storiesTiny | object = storiesTiny,
  ) => {
    const other = await loadModel(source as typeof storiesTiny, { ...OPTIONS, kvCache: 'f32', ...options });
    await thrown(() => other.restore(bytes), 'invalid-file', message);
    other.dispose();
  };
  await refuses({ weights: 'q8' }, /saved with weights in f32, and this model has q8$/);
  await refuses({ kvCache: 'f16' }, /saved with kvCache in f32, and this model has f16$/);
  await refuses({ contextLength: 64 }, /saved by another model or context length$/);
  await refuses({ weights: 'q4', kvCache: 'q8' }, /weights in f32, .* q4, with kvCache in f32, .* q8$/);
  if (BUILDS.length > 1)
    await refuses({ build: 'relaxed' }, /by the build simd, and this model runs relaxed$/);
  await refuses({}, /another model/, await randomModel());
  const twin = await loadModel(storiesTiny, { ...OPTIONS, kvCache: 'f32', threads: 2 });
  assert.equal((await twin.restore(bytes)).tokens, session.tokens);
  twin.dispose();
  model.dispose();
  await thrown(() => model.restore(bytes), 'disposed');
  await thrown(() => session.save(), 'disposed');
});

test('sessions of models with adapters go with the same adapters alone', () =>
  withModels([{}, {}], async (here, there) => {
    const [one, other] = await Promise.all(
      [1, 2].map(async (seed) => {
        const target = memoryTarget();
        await writeAdapter(target, randomAdapter(here.config, seed, 2, ['mlp.c_fc', 'attn.c_proj']), null);
        return target.files;
      }),
    );
    const adapted = await here.withAdapters([one!]);
    const session = adapted.session();
    await session.generate(STORY, { maxTokens: 2 });
    const bytes = await session.save();
    // The same adapters elsewhere in memory.
    await there.withAdapters([other!]);
    const same = await there.withAdapters([one!]);
    await assertGoOnAlike(session, await same.restore(bytes), [...session.tokens, 1]);
    await thrown(() => there.restore(bytes), 'invalid-file', 'with other adapters');
    const half = await there.withAdapters([{ source: one!, weight: 0.5 }]);
    await thrown(() => half.restore(bytes), 'invalid-file', 'with other adapters');
    const plain = here.session();
    await plain.generate('A', { maxTokens: 2 });
    assert.is((await there.restore(await plain.save())).length, plain.length);
    const saved = await plain.save();
    await thrown(() => same.restore(saved), 'invalid-file', 'without adapters');
  }));

test('bytes that were cut off or changed are refused, wherever that was', () =>
  withModels([{}], async (model) => {
    const session = model.session();
    await session.generate('The cat', { maxTokens: 2 });
    const bytes = await session.save();
    const refuses = (given: Uint8Array) =>
      thrown(() => model.restore(given), 'invalid-file', 'cannot be restored');
    const places = [...Array(48).keys(), ...Array.from({ length: 60 }, () => random.below(bytes.length))];
    for (const at of places) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << random.below(8);
      await refuses(changed);
      await refuses(bytes.slice(0, at));
    }
    await refuses(bytes.slice(0, bytes.length - 16));
    await refuses(new Uint8Array([...bytes, ...new Uint8Array(16)]));
    for (const given of [undefined, 3, 'gpt2wasm', [1, 2]] as never[]) {
      await thrown(() => model.restore(given), 'invalid-option', 'session.save()');
    }
    // A part of a larger buffer, as Node gives small files.
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, 3);
    assert.equal((await model.restore(larger.subarray(3, 3 + bytes.length))).tokens, session.tokens);
    assert.equal((await model.restore(bytes.buffer as ArrayBuffer)).tokens, session.tokens);
  }));

test('saving waits for a running generation, and throws if the session is disposed of meanwhile', () =>
  withModels([{}], async (model) => {
    const session = model.session();
    const running = session.generate('The cat', { ...NEXT, maxTokens: 30 });
    const bytes = await session.save();
    const { tokens } = await running;
    assert.equal((await model.restore(bytes)).tokens.slice(-29), tokens.slice(0, -1));
    const saving = session.save();
    session.dispose();
    await thrown(() => saving, 'disposed');
    assert.ok(model.stats().pages.used <= 1);
  }));

test('a restored session shares its keys and values with nobody else', () =>
  withModels([{}], async (model) => {
    const session = model.session();
    await session.generate(STORY, { maxTokens: 1 });
    const bytes = await session.save();
    const { tokens } = session;
    model.dispose();
    await withModels([{}], async (other) => {
      await other.restore(bytes);
      assert.is((await other.generate(tokens, { maxTokens: 1 })).usage.cachedPromptTokens, 0);
    });
  }));

test.run();
