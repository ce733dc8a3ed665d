import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS } from '../../src/architecture/gpt2/lora.js';
import { writeAdapter } from '../../src/checkpoints/peft/write_adapter.js';
import { folderTarget } from '../../src/files/folder/folder_target.js';
import { loadModel } from '../../src/index.js';
import { createWorkerModel, type WorkerModel } from '../../src/worker.js';
import { randomAdapter } from '../support/adapters.js';
import { collectUntil } from '../support/garbage.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from './fake_worker.js';

const IDS = [0, 419, 429, 259, 394];
const OPTIONS = { temperature: 0.9, seed: 3, maxTokens: 12 };

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-worker-adapters-'));
const [one, two] = [join(folder, 'one'), join(folder, 'two')];
const local = await loadModel(storiesTiny, { build: 'simd' });

const fakeWorker = fakeWorkers(test);
test.before(async () => {
  await writeAdapter(folderTarget(one), randomAdapter(local.config, 1, 3, LORA_TARGETS), null);
  await writeAdapter(folderTarget(two), randomAdapter(local.config, 2, 8, ['attn.c_attn']), null);
});
test.after(() => {
  local.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The bytes of a folder's files, in buffers that can be transferred to a worker. */
const filesOf = (path: string) =>
  Object.fromEntries(
    readdirSync(path).map((name) => [name, new Uint8Array(readFileSync(join(path, name))).slice()]),
  );

async function withRemote(use: (remote: WorkerModel) => Promise<void>, options = {}): Promise<void> {
  const remote = await createWorkerModel(storiesTiny, {
    ...{ worker: fakeWorker().worker, build: 'simd' },
    ...options,
  });
  try {
    await use(remote);
  } finally {
    remote.dispose();
  }
}

test('a worker merges adapters while it loads a model', async () => {
  const merged = await loadModel(storiesTiny, {
    build: 'simd',
    adapters: [one, { source: two, weight: -0.5 }],
  });
  const adapters = [filesOf(one), { source: two, weight: -0.5 }];
  await withRemote(async (remote) => assert.equal(await remote.logits(IDS), await merged.logits(IDS)), {
    adapters,
  });
  for (const bytes of Object.values(adapters[0] as object)) assert.is(bytes.length, 0, 'it was moved');
  merged.dispose();
});

test('models with adapters run beside the one that they share weights with', () =>
  withRemote(async (remote) => {
    const here = await local.withAdapters([{ source: one, weight: 0.5 }, two]);
    const there = await remote.withAdapters([{ source: filesOf(one), weight: 0.5 }, two]);
    const other = await remote.withAdapters([one]);
    assert.equal(there.config, remote.config);
    assert.equal(await there.logits(IDS), await here.logits(IDS));
    assert.equal(await there.score(IDS), await here.score(IDS));
    const [a, b] = [remote.session(), there.session()];
    const [plain, adapted] = await Promise.all([
      a.generate(IDS, OPTIONS),
      b.generate(IDS, OPTIONS),
      other.generate(IDS, OPTIONS),
    ]);
    assert.equal(plain.tokens, (await local.generate(IDS, OPTIONS)).tokens);
    assert.equal(adapted.tokens, (await here.generate(IDS, OPTIONS)).tokens);
    assert.is.not(adapted.text, plain.text);
    // The new model has only the adapters that are listed.
    const swapped = await there.withAdapters([one]);
    assert.equal(await swapped.logits(IDS), await other.logits(IDS));

    there.dispose();
    await thrown(() => there.logits(IDS), 'disposed');
    await thrown(() => there.generate(IDS), 'disposed');
    assert.equal((await remote.generate(IDS, OPTIONS)).tokens, plain.tokens);
    assert.is((await other.generate(IDS, OPTIONS)).tokens.length, 12);
    remote.dispose();
    await thrown(() => other.logits(IDS), 'disposed');
    here.dispose();
  }));

test('adapters that are forgotten give their memory back, unless a session or a stream has them', () =>
  withRemote(async (remote) => {
    for (const model of [local, remote]) {
      const wanted = (await (await model.withAdapters([two])).generate(IDS, OPTIONS)).tokens;
      const session = (await model.withAdapters([two])).session();
      const stream = (await model.withAdapters([two])).stream(IDS, OPTIONS);
      const first = (await stream.next()).value!.id;
      const { memoryBytes } = model.runtime;
      for (let i = 0; i < 60; i++) {
        assert.is((await (await model.withAdapters([one])).generate(IDS, OPTIONS)).tokens.length, 12);
        if (i % 6 > 0) continue;
        let collected = 0;
        const registry = new FinalizationRegistry(() => collected++);
        registry.register({}, 0);
        await collectUntil(() => collected > 0);
      }
      const grown = model.runtime.memoryBytes - memoryBytes;
      // The memory of one adapter takes 260 KB.
      assert.ok(grown < 20 * 260_000, `memory grew by ${grown} bytes`);
      assert.equal((await session.generate(IDS, OPTIONS)).tokens, wanted);
      const rest: number[] = [];
      for await (const { id } of stream) rest.push(id);
      assert.equal([first, ...rest], wanted);
      session.dispose();
    }
  }));

test('what cannot be read as an adapter is said, and the model goes on', () =>
  withRemote(async (remote) => {
    await thrown(() => remote.withAdapters('x' as never), 'invalid-option', 'adapters');
    await thrown(() => remote.withAdapters([null as never]), 'invalid-option', 'source');
    await thrown(() => remote.withAdapters([{ source: one, weight: NaN }]), 'invalid-option', 'weight');
    await thrown(() => remote.withAdapters([join(folder, 'none')]), 'not-found', 'none');
    await thrown(() => remote.withAdapters([one], { signal: AbortSignal.abort() }), 'aborted');
    const controller = new AbortController();
    const making = remote.withAdapters([one], { signal: controller.signal });
    controller.abort();
    await thrown(() => making, 'aborted');
    assert.is((await remote.generate(IDS, OPTIONS)).tokens.length, 12);
  }));

test.run();
