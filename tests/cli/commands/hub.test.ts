import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf, type Seen } from '../../files/hub/loopback_hub.js';
import { filesBelow, folderFiles, OTHER_FILES, REPO, STORIES, withHub } from '../../files/hub/support.js';
import { outcome, run, start } from '../run.js';

const FILES = folderFiles(STORIES);
const TELLER = { files: { ...OTHER_FILES, ...FILES } };
const WEIGHTS = FILES['model.safetensors']!;
const NEEDED = ['config.json', 'merges.txt', 'model.safetensors', 'vocab.json'];

const isDownload = ({ host, file, range }: Seen) =>
  host === 'cdn' && file === 'model.safetensors' && (range === undefined || range.endsWith('-'));

function assertKept(folder: string): void {
  const blob = join(folder, 'blobs', hashOf('sha256', WEIGHTS));
  assert.equal(readFileSync(blob), WEIGHTS);
  assert.not(filesBelow(folder).some((path) => path.endsWith('.incomplete')));
}

test('pull brings a model, prints where it is, and finds it the next time', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, folder }) => {
    const commit = hub.put(REPO, TELLER);
    const path = join(folder, 'snapshots', commit);
    const first = await run(['pull', REPO]);
    assert.is(first.code, 0, first.stderr);
    assert.is(first.stdout, `${path}\n`);
    assert.is(first.stderr, '1.83 MiB of weights, 0 bytes of them were in the cache\n');
    assert.equal(filesBelow(path), NEEDED);
    const second = await run(['pull', REPO, '--json', '--revision', 'main']);
    assert.equal(JSON.parse(second.stdout), {
      model: REPO,
      commit,
      path,
      weightBytes: WEIGHTS.length,
      cachedBytes: WEIGHTS.length,
    });
    assert.is((await run(['pull', '--quiet', REPO])).stderr, '');
    assert.is(hub.seen.filter(isDownload).length, 1);
    process.env.HF_HUB_OFFLINE = '1';
    assert.is((await run(['pull', REPO])).stdout, `${path}\n`);
  });
});

test('every command that reads a model takes an id', async () => {
  await withHub({ [REPO]: { ...TELLER, refs: ['v1'] } }, async () => {
    const flags = ['--model', REPO, '--revision', 'v1'];
    const tokens = await run(['tokenize', ...flags, 'Once upon a time']);
    assert.is(tokens.stdout, (await run(['tokenize', '--model', STORIES, 'Once upon a time'])).stdout);
    const info = JSON.parse((await run(['info', '--json', '--revision', 'v1', REPO])).stdout);
    assert.is(info.model, REPO);
    assert.is(info.storedBytes, JSON.parse((await run(['info', '--json', STORIES])).stdout).storedBytes);
    const text = ['--temperature', '0', '--max-tokens', '8', '--build', 'simd', 'Once'];
    const generated = await run(['generate', ...flags, ...text]);
    assert.is(generated.code, 0, generated.stderr);
    assert.is(generated.stdout, (await run(['generate', '--model', STORIES, ...text])).stdout);
    const missing = await run(['generate', '--model', REPO, 'Once']);
    assert.is(missing.code, 1);
    assert.match(missing.stderr, 'has no revision "main"');
    const embedded = await run(['generate', '--revision', 'v1', 'Once']);
    assert.is(embedded.code, 2);
    assert.match(embedded.stderr, '--revision is only for models of the hub');
  });
});

test('two processes at once', async () => {
  await withHub({ [REPO]: TELLER }, async ({ hub, folder }) => {
    // No download ends before another process has begun its own.
    const endWhen = () => hub.seen.filter(isDownload).length > 1;
    hub.fault = (request) => (isDownload(request) ? { chunked: true, endWhen } : undefined);
    const outcomes = await Promise.all([0, 1, 2].map(() => run(['pull', REPO])));
    for (const { code, stderr } of outcomes) assert.is(code, 0, stderr);
    assert.ok(endWhen(), 'they did work at the same time');
    assertKept(folder);
  });
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', null],
] as const) {
  test(`a pull that ${signal} ended goes on where it was`, async () => {
    await withHub({ [REPO]: TELLER }, async ({ hub, folder }) => {
      hub.fault = (request) => (isDownload(request) ? { stallAfter: 1_000_000 } : undefined);
      const child = start(['pull', REPO]);
      const end = outcome(child);
      const partial = () => filesBelow(folder).filter((path) => path.endsWith('.incomplete'));
      // A small file may be completed, and so renamed, after the folder was listed.
      const sizes = () =>
        partial().map((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0);
      while (child.exitCode === null && Math.max(0, ...sizes()) < 1_000_000)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill(signal);
      const { code: actual, stdout, stderr } = await end;
      assert.is(actual, code);
      assert.is(stdout, '');
      if (code !== null) assert.match(stderr, 'interrupted; the next pull resumes');
      assert.is(partial().length, 1);
      hub.fault = () => undefined;
      hub.seen.length = 0;
      assert.is((await run(['pull', REPO])).code, 0);
      assert.equal(
        hub.seen.filter(isDownload).map(({ range, sent }) => [range, sent]),
        [['bytes=1000000-', WEIGHTS.length - 1_000_000]],
      );
      assertKept(folder);
    });
  });
}

test('what cannot be pulled', async () => {
  await withHub({ [REPO]: TELLER }, async () => {
    const noId = await run(['pull', './folder']);
    assert.is(noId.code, 2);
    assert.match(noId.stderr, 'the id is "./folder"; it must be owner/name');
    const missing = await run(['pull', 'no/model']);
    assert.is(missing.code, 1);
    assert.match(missing.stderr, /^error: there is no model no\/model at http/);
    assert.is((await run(['pull'])).code, 2);
  });
});

test('models lists the cache, and deletes', async () => {
  await withHub({ [REPO]: TELLER, 'b/c': TELLER }, async ({ hub, cache, folder }) => {
    const empty = await run(['models']);
    assert.equal(empty, { code: 0, stdout: '', stderr: `no models in ${cache}\n` });
    const commit = hub.put('b/c', { ...TELLER, refs: ['refs/pr/1'] });
    await run(['pull', REPO]);
    await run(['pull', 'b/c', '--revision', commit]);
    await run(['pull', 'b/c', '--revision', 'refs/pr/1']);
    await mkdir(join(cache, 'datasets--x--y'), { recursive: true });
    await mkdir(join(cache, 'models--gpt2', 'snapshots', '0'.repeat(40)), { recursive: true });
    await mkdir(join(cache, '.locks', `models--${REPO.replace('/', '--')}`), { recursive: true });
    await writeFile(join(cache, 'version.txt'), '1');

    const bytes = NEEDED.reduce((sum, name) => sum + FILES[name]!.length, 0) + commit.length;
    const { models, cache: listed } = JSON.parse((await run(['models', '--json'])).stdout);
    assert.is(listed, cache);
    assert.equal(models, [
      { id: 'b/c', bytes, revisions: ['refs/pr/1'], path: join(cache, 'models--b--c') },
      { id: 'gpt2', bytes: 0, revisions: ['0'.repeat(40)], path: join(cache, 'models--gpt2') },
      { id: REPO, bytes, revisions: ['main'], path: folder },
    ]);
    const lines = (await run(['models'])).stdout.split('\n');
    assert.is(lines.length, 4);
    assert.match(lines[2]!, new RegExp(`^1\\.\\d+ MiB  ${REPO}  /`));

    const asks = await run(['models', 'delete', REPO]);
    assert.is(asks.code, 2);
    assert.match(asks.stderr, '--yes');
    for (const id of ['d/e', '../x', '', 'models--b--c']) {
      assert.is((await run(['models', 'delete', '--yes', id])).code, 1);
    }
    const deleted = await run(['models', 'delete', '--yes', REPO]);
    assert.is(deleted.code, 0, deleted.stderr);
    assert.match(deleted.stderr, `deleted ${REPO}`);
    assert.not(filesBelow(cache).some((path) => path.includes('tiny.gpt2')));
    assert.is((await run(['models'])).stdout.split('\n').length, 3);
    assert.is((await run(['models', 'other'])).code, 2);
  });
});

test('convert brings a model into the cache and names the file after it', async () => {
  await withHub({ [REPO]: TELLER }, async ({ home, folder }) => {
    const path = join(home, 'new.gguf');
    const { code, stderr } = await run(['convert', REPO, path, '--weights', 'f16', '--quiet']);
    assert.is(code, 0, stderr);
    assertKept(folder);
    assert.ok(readFileSync(path).includes('tiny.gpt2_v1'));
    const again = await run(['convert', REPO, path, '--weights', 'q8', '--revision', 'v9', '--force']);
    assert.is(again.code, 1);
    assert.match(again.stderr, /revision "v9"/);
  });
});

test.run();
