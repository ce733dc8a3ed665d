import { readFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanCacheDir, snapshotDownload } from '@huggingface/hub';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { type DownloadProgress, inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { Trainer } from '../../../src/train/trainer.js';
import { modelFile } from '../../checkpoints/gguf/models.js';
import { writeGguf } from '../../checkpoints/gguf/writer.js';
import { randomAdapter } from '../../support/adapters.js';
import { checkpointFolder, expectedOf } from '../../support/checkpoints.js';
import { thrown } from '../../support/thrown.js';
import { hashOf } from './loopback_hub.js';
import { filesBelow, folderFiles, OTHER_FILES, REPO, STORIES, withHub } from './support.js';

const TINY = { files: { ...OTHER_FILES, ...folderFiles(checkpointFolder('base')) } };
const SHARDED = { files: { ...OTHER_FILES, ...folderFiles(checkpointFolder('bf16-sharded')) } };
const TELLER = { files: { ...OTHER_FILES, ...folderFiles(STORIES) } };

/** The files of an adapter for stories-tiny. */
async function adapterFiles(): Promise<Record<string, Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-hub-adapter-'));
  const { config } = await inspectModel(STORIES);
  await writeAdapter(folderTarget(folder), randomAdapter(config, 1, 3, ['attn.c_attn']), null);
  const files = folderFiles(folder);
  await rm(folder, { recursive: true });
  return files;
}

const snapshotOf = (folder: string, commit: string) => join(folder, 'snapshots', commit);

test('an id loads from the hub and computes what its folder computes', async () => {
  await withHub({ [REPO]: TINY }, async () => {
    const { input_ids, logits } = expectedOf('base');
    const local = await loadModel(checkpointFolder('base'), { build: 'simd' });
    const model = await loadModel(REPO, { build: 'simd' });
    const actual = await model.logits([...input_ids]);
    assert.is(actual.length, logits.length);
    assert.equal(actual, await local.logits([...input_ids]));
  });
});

test('the cache gets the layout of the hub, and only what the loader reads', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, cache, folder }) => {
    const commit = hub.put(REPO, TELLER);
    const model = await loadModel(REPO);
    assert.is((await model.generate('Once', { maxTokens: 2, temperature: 0 })).tokens.length, 2);
    const needed = ['config.json', 'merges.txt', 'model.safetensors', 'vocab.json'];
    assert.equal(filesBelow(snapshotOf(folder, commit)), needed);
    assert.is(readFileSync(join(folder, 'refs', 'main'), 'utf8'), commit);
    assert.is(filesBelow(join(folder, 'blobs')).length, needed.length);
    for (const name of needed) {
      const bytes = (TELLER.files as Record<string, Uint8Array>)[name]!;
      const hash =
        bytes.length > 1000 ? hashOf('sha256', bytes) : hashOf('sha1', `blob ${bytes.length}\0`, bytes);
      const link = join(snapshotOf(folder, commit), name);
      assert.is(await readlink(link), join('..', '..', 'blobs', hash));
      assert.equal(readFileSync(link), Buffer.from(bytes));
    }
    assert.equal(filesBelow(cache).length, 2 * needed.length + 1);
  });
});

test('a model that is to learn, and an adapter, are downloaded once; the token opens both', async () => {
  const files = await adapterFiles();
  const adapter = 'some-owner/poems';
  const token = 'hf_secret';
  const repos = { [REPO]: { ...TELLER, token }, [adapter]: { files, token } };
  await withHub(repos, async ({ hub }) => {
    const options = { data: ['Once upon a time.'], steps: 1, batchSize: 1, contextLength: 8, validation: 0 };
    for (const network of [true, false]) {
      if (!network) process.env.HF_HUB_OFFLINE = '1';
      hub.seen.length = 0;
      const trainer = await Trainer.create({ model: REPO, adapters: [adapter], token, ...options });
      const model = await loadModel(REPO, { token });
      (await model.withAdapters([adapter], { token })).dispose();
      trainer.dispose();
      model.dispose();
      assert.is(hub.seen.length > 0, network);
    }
  });
});

test('a file in a folder of the repository, and shards', async () => {
  await withHub({ [REPO]: SHARDED }, async ({ hub, folder }) => {
    const progress: DownloadProgress[] = [];
    await loadModel(REPO, { onDownload: (state) => progress.push(state) });
    const commit = hub.put(REPO, SHARDED);
    assert.equal(
      filesBelow(snapshotOf(folder, commit)).filter((path) => path.endsWith('.safetensors')).length,
      3,
    );
    const total = Object.entries(SHARDED.files)
      .filter(([path]) => path.endsWith('.safetensors'))
      .reduce((sum, [, bytes]) => sum + bytes.length, 0);
    assert.equal(progress[0], { file: 'model-00001-of-00003.safetensors', total, loaded: 0, cached: 0 });
    assert.equal(progress.at(-1), {
      file: 'model-00003-of-00003.safetensors',
      total,
      loaded: total,
      cached: 0,
    });
    assert.ok(progress.every(({ loaded }, i) => i === 0 || loaded >= progress[i - 1]!.loaded));
  });
});

test('what is in the cache is not fetched again, and counted as cached', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub }) => {
    await loadModel(REPO);
    hub.seen.length = 0;
    const progress: DownloadProgress[] = [];
    await loadModel(REPO, { onDownload: (state) => progress.push(state) });
    assert.ok(hub.seen.every(({ file }) => file === undefined));
    const total = TELLER.files['model.safetensors' as keyof typeof TELLER.files]!.length;
    assert.equal(progress, [{ file: 'model.safetensors', total, loaded: total, cached: total }]);
  });
});

test('a config and a tokenizer come without weights', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, folder }) => {
    const { config } = await inspectModel(REPO);
    assert.is(config.vocabSize, 1024);
    const { seen } = hub;
    assert.ok(seen.every(({ file, range }) => file !== 'model.safetensors' || range !== undefined));
    assert.ok(hub.bytesOf('model.safetensors') < 100_000, `${hub.bytesOf('model.safetensors')} bytes`);
    assert.is((await loadTokenizer(REPO)).vocabSize, 1024);
    assert.equal(filesBelow(snapshotOf(folder, hub.put(REPO, TELLER))), [
      'config.json',
      'merges.txt',
      'vocab.json',
    ]);
  });
});

test('a folder of that name comes before the hub', async () => {
  await withHub({ 'tests/fixtures': TINY }, async ({ hub }) => {
    await thrown(() => inspectModel('tests/fixtures'), 'not-found', 'has neither model.safetensors');
    assert.is(hub.seen.length, 0);
  });
});

test('revisions: a branch, a tag with a slash, a commit, and one that is not there', async () => {
  const old = '1'.repeat(40);
  await withHub({}, async ({ hub, folder }) => {
    hub.put(REPO, { ...TINY, commit: old, refs: ['refs/pr/1', 'v1'] });
    for (const revision of ['v1', 'refs/pr/1', old]) await loadModel(REPO, { revision });
    assert.equal(filesBelow(join(folder, 'refs')), ['refs/pr/1', 'v1']);
    assert.is(readFileSync(join(folder, 'refs', 'refs/pr/1'), 'utf8'), old);
    await thrown(() => loadModel(REPO), 'not-found', 'has no revision "main"');
    await thrown(() => loadModel(REPO, { revision: 'v2' }), 'not-found', 'has no revision "v2"');
    for (const revision of ['../../x', '/etc', 'a//b', '', 'a\\b', 7 as unknown as string]) {
      await thrown(() => loadModel(REPO, { revision }), 'invalid-option', 'revision is');
    }
    await thrown(
      () => loadModel(checkpointFolder('base'), { revision: 'v1' }),
      'invalid-option',
      'revision is only for',
    );
  });
});

test('a new commit brings only what has changed', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub, folder }) => {
    await loadModel(REPO);
    hub.seen.length = 0;
    const config = JSON.stringify({ ...JSON.parse(String(TINY.files['config.json' as never])), extra: 1 });
    const commit = hub.put(REPO, { files: { ...TINY.files, 'config.json': config } });
    await loadModel(REPO);
    assert.equal(
      hub.seen.flatMap(({ file, host }) => (file && host === 'hub' ? [file] : [])),
      ['config.json'],
    );
    assert.is(readFileSync(join(folder, 'refs', 'main'), 'utf8'), commit);
    assert.is(filesBelow(join(folder, 'snapshots')).length, 4);
    assert.is(filesBelow(join(folder, 'blobs')).length, 3);
  });
});

test("the hub's own package reads the cache that is written here, and the other way round", async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, cache, folder }) => {
    const commit = hub.put(REPO, TELLER);
    await loadModel(REPO);
    const { repos, warnings } = await scanCacheDir(cache);
    assert.equal(warnings, []);
    assert.is(repos.length, 1);
    assert.equal(repos[0]!.id, { name: REPO, type: 'model' });
    assert.equal(
      repos[0]!.revisions.map(({ commitOid, refs, files }) => [commitOid, refs, files.length]),
      [[commit, ['main'], 4]],
    );

    await rm(folder, { recursive: true });
    const { debug } = console;
    console.debug = () => {}; // @huggingface/hub logs every file there
    await snapshotDownload({ repo: REPO, hubUrl: hub.endpoint }).finally(() => {
      console.debug = debug;
    });
    hub.seen.length = 0;
    await loadModel(REPO);
    assert.ok(hub.seen.every(({ file }) => file === undefined));
    process.env.HF_HUB_OFFLINE = '1';
    await loadModel(REPO);
  });
});

/** Writes a model as the cache of Python's huggingface_hub has it, with a .no_exist file. */
async function pythonCache(folder: string, commit: string, files: Record<string, Uint8Array>): Promise<void> {
  await mkdir(join(folder, 'blobs'), { recursive: true });
  await mkdir(join(folder, 'refs'), { recursive: true });
  await mkdir(join(folder, '.no_exist', commit), { recursive: true });
  await mkdir(snapshotOf(folder, commit), { recursive: true });
  await writeFile(join(folder, 'refs', 'main'), commit);
  await writeFile(join(folder, '.no_exist', commit, 'added_tokens.json'), '');
  for (const [name, bytes] of Object.entries(files)) {
    const hash =
      bytes.length > 1000 ? hashOf('sha256', bytes) : hashOf('sha1', `blob ${bytes.length}\0`, bytes);
    await writeFile(join(folder, 'blobs', hash), bytes);
    await symlink(`../../blobs/${hash}`, join(snapshotOf(folder, commit), name));
  }
}

test('a cache that Python has filled is used, online and offline', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, folder }) => {
    const commit = hub.put(REPO, TELLER);
    await pythonCache(folder, commit, folderFiles(STORIES));
    await loadModel(REPO);
    assert.ok(hub.seen.every(({ file }) => file === undefined));
    const before = filesBelow(folder);
    hub.seen.length = 0;
    process.env.HF_HUB_OFFLINE = '1';
    const model = await loadModel(REPO);
    assert.is((await model.generate('Once', { maxTokens: 2 })).tokens.length, 2);
    await loadModel(REPO, { revision: commit });
    assert.is(hub.seen.length, 0);
    assert.equal(filesBelow(folder), before);
  });
});

test('a file that is cut off in the cache is fetched again', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub, folder }) => {
    const commit = hub.put(REPO, TINY);
    const bytes = folderFiles(checkpointFolder('base'));
    await pythonCache(folder, commit, { ...bytes });
    const link = join(snapshotOf(folder, commit), 'model.safetensors');
    await writeFile(await realpath(link), bytes['model.safetensors']!.subarray(0, 5000));
    await loadModel(REPO);
    assert.equal(readFileSync(link), Buffer.from(bytes['model.safetensors']!));
  });
});

test('a link whose blob is gone is mended', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub, folder }) => {
    const commit = hub.put(REPO, TINY);
    await loadModel(REPO);
    const link = join(snapshotOf(folder, commit), 'config.json');
    await rm(await realpath(link));
    await loadModel(REPO);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.ok(readFileSync(link).length > 0);
  });
});

test('offline without the model', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub, cache }) => {
    for (const value of ['1', 'TRUE', 'yes', 'ON']) {
      process.env.HF_HUB_OFFLINE = value;
      await thrown(() => loadModel(REPO), 'not-found', REPO, cache, 'HF_HUB_OFFLINE');
      await thrown(() => loadModel(`${REPO}:x.gguf`), 'not-found', 'x.gguf of');
    }
    assert.is(hub.seen.length, 0);
    process.env.HF_HUB_OFFLINE = '0';
    await loadModel(REPO);
    process.env.HF_HUB_OFFLINE = '1';
    await loadModel(REPO);
    await thrown(() => loadModel(REPO, { revision: 'v9' }), 'not-found', 'revision "v9"');
  });
});

test('a cache that cannot be written to', async () => {
  await withHub({ [REPO]: TINY }, async ({ folder, home }) => {
    await loadModel(REPO);
    await rm(join(folder, 'refs'), { recursive: true });
    await writeFile(join(folder, 'refs'), 'no folder');
    await loadModel(REPO);
    process.env.HF_HUB_CACHE = join(home, 'file');
    await writeFile(join(home, 'file'), 'no folder');
    await thrown(() => loadModel(REPO), 'storage', 'config.json of', 'kept in', home);
  });
});

test('a hub that cannot be reached leaves what is in the cache', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    await loadModel(REPO);
    await hub.stop();
    await loadModel(REPO);
    await thrown(() => loadModel('a/b'), 'network', 'cannot be reached', process.env.HF_ENDPOINT!);
  });
});

test('a GGUF file of a repository', async () => {
  const [a, b] = ['odd-sizes', 'base'].map((name) => writeGguf(modelFile(name))) as [Uint8Array, Uint8Array];
  const { 'pytorch_model.bin': _, ...others } = OTHER_FILES;
  const files = { ...others, 'a.gguf': a, 'sub/b.gguf': b };
  await withHub({ [REPO]: { files } }, async ({ hub, folder }) => {
    const commit = hub.put(REPO, { files });
    const model = await loadModel(`${REPO}:sub/b.gguf`);
    assert.equal(filesBelow(snapshotOf(folder, commit)), ['sub/b.gguf']);
    process.env.HF_HUB_OFFLINE = '1';
    const again = await loadModel(`${REPO}:sub/b.gguf`);
    assert.equal(await again.logits([1, 2]), await model.logits([1, 2]));
    delete process.env.HF_HUB_OFFLINE;
    await thrown(() => loadModel(REPO), 'invalid-option', 'a.gguf, sub/b.gguf');
    await thrown(() => loadModel(`${REPO}:c.gguf`), 'not-found', 'no file c.gguf', 'a.gguf, sub/b.gguf');
    await thrown(() => loadModel(`${REPO}:README.md`), 'invalid-option', 'does not name a .gguf file');
  });
});

test.run();
