import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downloadBlob } from '../../../src/files/hub/download.js';
import type { HubFile } from '../../../src/files/hub/repository.js';
import { type DownloadProgress, loadModel } from '../../../src/index.js';
import { checkpointFolder } from '../../support/checkpoints.js';
import { withFailingDisk } from '../../support/failing_disk.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { type Fault, hashOf, type LoopbackHub, type Seen } from './loopback_hub.js';
import { filesBelow, folderFiles, REPO, type World, withHub } from './support.js';

const BASE = folderFiles(checkpointFolder('base'));
const WEIGHTS = 'model.safetensors';
const SIZE = BASE[WEIGHTS]!.length;
/** The id of no process: larger than any in Linux. */
const GONE = 4_194_305;
const REPOS = { [REPO]: { files: BASE } };

/** Whether a request is for all weights, or their rest, and not for the header, which is read first. */
const isDownload = ({ host, file, range }: Seen) =>
  host === 'cdn' && file === WEIGHTS && (range === undefined || range.endsWith('-'));

/** One fault for each download in order; later downloads have none. */
function inOrder(...faults: Fault[]): LoopbackHub['fault'] {
  return (request) => (isDownload(request) ? faults.shift() : undefined);
}

const downloads = (hub: LoopbackHub) => hub.seen.filter(isDownload);

/** Checks that the weights are in the cache, complete, and no partial file is left. */
function assertKept({ folder }: World): void {
  const blob = join(folder, 'blobs', hashOf('sha256', BASE[WEIGHTS]!));
  assert.equal(readFileSync(blob), BASE[WEIGHTS]);
  assert.equal(
    filesBelow(folder).filter((path) => path.includes('incomplete')),
    [],
  );
}

const unfinished = (folder: string) => filesBelow(folder).filter((path) => path.endsWith('.incomplete'));

test('a connection that breaks twice: the rest is asked for, and no byte comes twice', async () => {
  await withHub(REPOS, async (world) => {
    const { hub } = world;
    const progress: DownloadProgress[] = [];
    const arrived = (bytes: number) => () => progress.at(-1)!.loaded >= bytes;
    hub.fault = inOrder(
      { dropAfter: 50_000, endWhen: arrived(50_000) },
      { dropAfter: 70_000, endWhen: arrived(120_000) },
    );
    await loadModel(REPO, { onDownload: (state) => progress.push(state) });
    const requests = downloads(hub);
    assert.equal(
      requests.map(({ range }) => range),
      [undefined, `bytes=50000-`, `bytes=120000-`],
    );
    assert.is(
      requests.reduce((sum, { sent }) => sum + sent, 0),
      SIZE,
    );
    assert.ok(progress.every(({ cached, total }) => cached === 0 && total === SIZE));
    assertKept(world);
  });
});

test('an aborted download goes on where it was, and its bytes count as cached', async () => {
  await withHub(REPOS, async (world) => {
    const { hub, folder } = world;
    hub.fault = inOrder({ stallAfter: 98_304 });
    const controller = new AbortController();
    const { message } = await thrown(
      () =>
        loadModel(REPO, {
          signal: controller.signal,
          onDownload: ({ loaded }) => loaded >= 98_304 && controller.abort(),
        }),
      'aborted',
      WEIGHTS,
    );
    assert.ok(message.includes(REPO));
    assert.equal(
      unfinished(folder).map((path) => /\.gpt2-wasm-left\./.test(path)),
      [true],
    );
    hub.seen.length = 0;
    const progress: DownloadProgress[] = [];
    await loadModel(REPO, { onDownload: (state) => progress.push(state) });
    assert.equal(
      downloads(hub).map(({ range, sent }) => [range, sent]),
      [['bytes=98304-', SIZE - 98_304]],
    );
    assert.equal(progress[0], { file: WEIGHTS, total: SIZE, loaded: 98_304, cached: 98_304 });
    assert.equal(progress.at(-1), { file: WEIGHTS, total: SIZE, loaded: SIZE, cached: 98_304 });
    assertKept(world);
  });
});

test('aborts at every stage', async () => {
  await withHub(REPOS, async ({ hub }) => {
    for (const stalls of ['/revision/', '/tree/', '/config.json', '/model.safetensors']) {
      const controller = new AbortController();
      hub.fault = (request) => {
        if (!request.path.includes(stalls)) return undefined;
        setTimeout(() => controller.abort(), 20);
        return { stallAfter: 0, slow: 1 };
      };
      await thrown(() => loadModel(REPO, { signal: controller.signal }), 'aborted');
    }
    hub.seen.length = 0;
    await thrown(() => loadModel(REPO, { signal: AbortSignal.abort() }), 'aborted');
    assert.is(hub.seen.length, 0);
    // An abort during the wait for a busy hub.
    hub.fault = () => ({ status: 503, headers: { 'retry-after': '30' } });
    await thrown(() => loadModel(REPO, { signal: AbortSignal.timeout(200) }), 'aborted');
  });
});

test('a server without ranges sends all bytes again, and none is counted twice', async () => {
  await withHub(REPOS, async (world) => {
    const { hub } = world;
    hub.fault = (request) => {
      if (!isDownload(request)) return { ignoreRange: true };
      return downloads(hub).length === 1 ? { ignoreRange: true, dropAfter: 60_000 } : { ignoreRange: true };
    };
    const progress: DownloadProgress[] = [];
    await loadModel(REPO, { onDownload: (state) => progress.push(state) });
    assert.equal(
      downloads(hub).map(({ sent }) => sent),
      [60_000, SIZE],
    );
    assert.ok(progress.every(({ loaded }) => loaded <= SIZE));
    assert.equal(progress.at(-1), { file: WEIGHTS, total: SIZE, loaded: SIZE, cached: 0 });
    assertKept(world);
  });
});

test('a server that refuses a range of the file is asked for all of it', async () => {
  await withHub(REPOS, async (world) => {
    world.hub.fault = inOrder({ dropAfter: 60_000 }, { status: 416 });
    await loadModel(REPO);
    const [first, second, third, ...others] = downloads(world.hub).map(({ range }) => range);
    assert.equal([first, third, others], [undefined, undefined, []]);
    assert.match(second!, /^bytes=\d+-$/);
    assertKept(world);
  });
});

test('a server without ranges that always breaks is given up', async () => {
  await withHub(REPOS, async ({ hub, folder }) => {
    hub.fault = (request) => ({
      ignoreRange: true,
      ...(isDownload(request) && { dropAfter: 60_000 }),
    });
    await thrown(() => loadModel(REPO), 'network', 'cannot be reached');
    assert.is(downloads(hub).length, 5);
    assert.is(unfinished(folder).length, 1);
  });
});

test('a download that always breaks, but brings bytes each time, ends well', async () => {
  await withHub(REPOS, async (world) => {
    let arrived = 0;
    world.hub.fault = (request) => {
      if (!isDownload(request)) return undefined;
      const until = Math.min(SIZE, 25_000 * downloads(world.hub).length);
      return { dropAfter: 25_000, endWhen: () => arrived >= until };
    };
    await loadModel(REPO, {
      onDownload: ({ loaded }) => {
        arrived = loaded;
      },
    });
    assert.is(downloads(world.hub).length, Math.ceil(SIZE / 25_000));
    assertKept(world);
  });
});

for (const [what, bytes, fault, words] of [
  ['a shorter file', BASE[WEIGHTS]!.subarray(0, SIZE - 1), {}, `has ${SIZE - 1} bytes at its server`],
  ['a longer file', Buffer.concat([BASE[WEIGHTS]!, Buffer.alloc(1)]), {}, `has ${SIZE + 1} bytes`],
  [
    'a shorter file of no length',
    BASE[WEIGHTS]!.subarray(0, SIZE - 1),
    { chunked: true },
    `has ${SIZE - 1} bytes`,
  ],
  [
    'a longer file of no length',
    Buffer.concat([BASE[WEIGHTS]!, Buffer.alloc(9)]),
    { chunked: true },
    'has more than',
  ],
  ['a changed byte', changed(BASE[WEIGHTS]!, SIZE - 7), {}, 'but the hub lists it with'],
] as const) {
  test(`${what} is refused and not kept`, async () => {
    await withHub(REPOS, async (world) => {
      const { hub, folder } = world;
      hub.fault = (request) => (isDownload(request) ? { ...fault, bytes } : undefined);
      await thrown(() => loadModel(REPO), 'invalid-file', WEIGHTS, REPO, words);
      assert.equal(
        filesBelow(folder).filter((path) => path.includes(hashOf('sha256', BASE[WEIGHTS]!))),
        [],
      );
      assert.not(filesBelow(folder).some((path) => path.endsWith(WEIGHTS)));
      hub.fault = () => undefined;
      await loadModel(REPO);
      assertKept(world);
    });
  });
}

test('a small file with a changed byte is refused too', async () => {
  await withHub(REPOS, async ({ hub, folder }) => {
    const bytes = Buffer.from(String(BASE['config.json']!).replace('gpt2', 'gpt3'));
    hub.fault = ({ file }) => (file === 'config.json' ? { bytes } : undefined);
    await thrown(() => loadModel(REPO), 'invalid-file', 'config.json', 'git-sha1');
    assert.equal(filesBelow(folder), []);
  });
});

test('a wrong beginning that an earlier download left is fetched again', async () => {
  await withHub(REPOS, async (world) => {
    const blob = join(world.folder, 'blobs', hashOf('sha256', BASE[WEIGHTS]!));
    for (const left of [
      changed(BASE[WEIGHTS]!.subarray(0, 1000), 5),
      changed(BASE[WEIGHTS]!, 5),
      new Uint8Array(SIZE + 5),
    ]) {
      await mkdir(join(world.folder, 'blobs'), { recursive: true });
      await writeFile(`${blob}.gpt2-wasm-left.incomplete`, left);
      await writeFile(`${blob}.gpt2-wasm-${GONE}-89abcdef.incomplete`, left);
      const progress: DownloadProgress[] = [];
      await loadModel(REPO, { onDownload: (state) => progress.push(state) });
      assert.equal(progress.at(-1), { file: WEIGHTS, total: SIZE, loaded: SIZE, cached: 0 });
      assertKept(world);
      await rename(blob, `${blob}.away`);
      await truncate(`${blob}.away`);
    }
  });
});

test('files of processes that are gone are taken; those of others and of other tools are not', async () => {
  await withHub(REPOS, async (world) => {
    const blobs = join(world.folder, 'blobs');
    const blob = hashOf('sha256', BASE[WEIGHTS]!);
    await mkdir(blobs, { recursive: true });
    const half = BASE[WEIGHTS]!.subarray(0, 80_000);
    await writeFile(join(blobs, `${blob}.gpt2-wasm-${GONE}-0123abcd.incomplete`), half);
    const others = [`${blob}.gpt2-wasm-${process.pid}-0123abcd.incomplete`, `${blob}.incomplete`];
    for (const other of others) await writeFile(join(blobs, other), 'of another');
    await loadModel(REPO);
    assert.equal(
      downloads(world.hub).map(({ range }) => range),
      ['bytes=80000-'],
    );
    assert.equal((await readdir(blobs)).filter((name) => name.endsWith('.incomplete')).sort(), others);
    assert.ok(others.every((other) => readFileSync(join(blobs, other), 'utf8') === 'of another'));
  });
});

test('the leftovers of ended processes that no process will use are removed by the next one that writes there', async () => {
  await withHub(REPOS, async ({ folder }) => {
    const other = 'ab'.repeat(32);
    const dead = `${GONE}-0123abcd`;
    const alive = `${process.ppid}-0123abcd`;
    const left = (process: string) => [
      `blobs/${other}.gpt2-wasm-${process}.incomplete`,
      `refs/main.${process}.unfinished`,
      `refs/pr/1.${process}.unfinished`,
      `snapshots/${other}/sub/config.json.${process}.unfinished`,
    ];
    const removed = [...left(dead), `blobs/${other}.gpt2-wasm-left.incomplete`];
    const kept = [
      ...left(alive),
      `blobs/${other}`,
      `blobs/${other}.incomplete`,
      `refs/v1.${GONE}-0123abcd`,
      // The partial download of a file that the repository still has is resumed by its next download.
      `blobs/${hashOf('sha256', BASE[WEIGHTS]!)}.gpt2-wasm-${alive}.incomplete`,
    ];
    for (const path of [...removed, ...kept]) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), 'left');
    }
    await symlink('nowhere', join(folder, `snapshots/${other}/vocab.json.${dead}.unfinished`));
    await loadModel(REPO);
    const below = filesBelow(folder);
    for (const path of kept) assert.ok(below.includes(path), path);
    assert.equal(
      below.filter((path) => removed.includes(path) || path.endsWith(`${dead}.unfinished`)),
      [],
    );
    assert.ok(below.some((path) => path.endsWith('/config.json')));
  });
});

test('a whole file that cannot get its name is a failure of the disk, and is not fetched again', async () => {
  await withHub(REPOS, async (world) => {
    const blob = join(world.folder, 'blobs', hashOf('sha256', BASE[WEIGHTS]!));
    await mkdir(join(blob, 'in the way'), { recursive: true });
    await thrown(
      () => loadModel(REPO),
      'storage',
      `${WEIGHTS} of ${REPO}, kept in ${world.folder}, cannot be written`,
    );
    assert.is(unfinished(world.folder).length, 1);
    await rm(blob, { recursive: true });
    await loadModel(REPO);
    assert.is(downloads(world.hub).length, 1);
    assertKept(world);
  });
});

test('a disk that refuses the bytes of a download has the code storage, and the next download resumes it', async () => {
  await withHub(REPOS, async (world) => {
    const words = [`${WEIGHTS} of ${REPO}, kept in ${world.folder},`, 'the disk is full'];
    for (const call of ['handle.write', 'handle.sync', 'open', 'handle.read'] as const) {
      const load = () =>
        withFailingDisk(call, 'ENOSPC', hashOf('sha256', BASE[WEIGHTS]!), () => loadModel(REPO));
      await thrown(load, 'storage', ...words);
    }
    const before = downloads(world.hub).length;
    await loadModel(REPO);
    assert.is(downloads(world.hub).length, before, 'all bytes were here');
    assertKept(world);
  });
});

test('many loads at once in one process', async () => {
  await withHub(REPOS, async (world) => {
    let files = 0;
    const allBegan = () => downloads(world.hub).length === 5;
    world.hub.fault = (request) => {
      if (!isDownload(request)) return undefined;
      if (allBegan()) files = unfinished(world.folder).length;
      return { chunked: true, endWhen: allBegan };
    };
    await Promise.all(Array.from({ length: 5 }, () => loadModel(REPO)));
    assert.is(files, 5, 'each writes a file of its own');
    assertKept(world);
  });
});

test('random sizes, broken at random places', async () => {
  const { uniform, below } = randomSource(freshSeed('broken downloads'));
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `file ${i}`,
      Uint8Array.from({ length: below(60_000) }, () => below(256)),
    ]),
  );
  await withHub({}, async ({ hub, folder }) => {
    const commit = hub.put(REPO, { files });
    const faults = new Map(Object.keys(files).map((path) => [path, 3]));
    hub.fault = ({ host, file }) => {
      const size = files[file!]!.length;
      const left = faults.get(file!)!;
      if (left === 0 || (host === 'hub' && size > 1000)) return undefined;
      faults.set(file!, left - 1);
      return {
        dropAfter: below(size),
        ...(uniform() < 0.3 && { ignoreRange: true }),
        ...(uniform() < 0.3 && { chunked: true }),
      };
    };
    const access = { endpoint: hub.endpoint, token: undefined, repo: REPO, revision: 'main' };
    await Promise.all(
      Object.entries(files).map(async ([path, bytes]) => {
        const hash = { algorithm: 'sha256', hex: hashOf('sha256', bytes) } as const;
        const file: HubFile = { path, byteLength: bytes.length, hash };
        const blob = join(folder, 'blobs', hash.hex);
        let last: number[] = [];
        await downloadBlob({ access, commit, file }, blob, undefined, (...state) => {
          last = state;
        });
        assert.equal(last, [bytes.length, 0]);
        assert.equal(readFileSync(blob), Buffer.from(bytes));
      }),
    );
  });
});

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at]! ^= 1;
  return copy;
}

test.run();
