import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheFolder, hubSettings } from '../../../src/files/hub/environment.js';
import { inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { modelFile } from '../../checkpoints/gguf/models.js';
import { writeGguf } from '../../checkpoints/gguf/writer.js';
import { checkpointFolder } from '../../support/checkpoints.js';
import { thrown } from '../../support/thrown.js';
import type { LoopbackHub } from './loopback_hub.js';
import { filesBelow, folderFiles, REPO, withHub } from './support.js';

const TINY = { files: folderFiles(checkpointFolder('base')) };
const TOKEN = 'hf_SecretOfTheTest';

const apiRequests = (hub: LoopbackHub) => hub.seen.filter(({ path }) => path.startsWith('/api/'));

test('a model that is not there', async () => {
  await withHub({}, async ({ hub }) => {
    const { message } = await thrown(() => loadModel(REPO), 'not-found', REPO, hub.endpoint, 'HF_TOKEN');
    assert.match(message, 'no folder of that name');
    await thrown(() => loadModel(REPO, { token: TOKEN }), 'not-found', 'there is no model');
    assert.is(hub.seen.length, 2, 'nothing is asked twice that has an answer');
  });
});

test('a private model', async () => {
  await withHub({ [REPO]: { ...TINY, token: TOKEN } }, async () => {
    await thrown(() => loadModel(REPO), 'not-found', 'private or gated', 'HF_TOKEN');
    await thrown(() => loadModel(REPO, { token: 'hf_other' }), 'not-found', REPO);
    await loadModel(REPO, { token: TOKEN });
  });
});

test('a gated model: its files need a token, its description none', async () => {
  await withHub({ [REPO]: { ...TINY, token: TOKEN, gated: true } }, async ({ hub, cache }) => {
    await thrown(() => loadModel(REPO), 'not-found', 'gated', `${hub.endpoint}/${REPO}`, 'HF_TOKEN');
    const { message } = await thrown(
      () => loadModel(REPO, { token: 'hf_other' }),
      'not-found',
      'may not read',
    );
    assert.not.match(message, 'hf_other');
    assert.equal(filesBelow(cache), []);
    process.env.HF_TOKEN = TOKEN;
    await loadModel(REPO);
  });
});

test('a file that the listing has and the hub has not', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    hub.fault = ({ file, host }) =>
      file === 'model.safetensors' && host === 'cdn' ? { status: 404 } : undefined;
    await thrown(() => loadModel(REPO), 'not-found', 'has no file model.safetensors', REPO);
  });
});

test('a host of files that refuses is not taken for a gate', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    hub.fault = ({ host }) => (host === 'cdn' ? { status: 403 } : undefined);
    const { message } = await thrown(() => loadModel(REPO), 'not-found', 'status 403', 'model.safetensors');
    assert.not.match(message, 'gated');
  });
});

test('a model without weights is refused before anything is downloaded', async () => {
  await withHub({ [REPO]: { files: { 'tf_model.h5': 'x', 'config.json': '{}' } } }, async ({ cache }) => {
    await thrown(() => loadModel(REPO), 'unsupported', 'tf_model.h5', REPO);
    assert.equal(filesBelow(cache), []);
  });
});

test('a model of another architecture is refused before its weights come', async () => {
  const files = { ...TINY.files, 'config.json': '{"model_type":"llama"}' };
  await withHub({ [REPO]: { files } }, async ({ hub }) => {
    await thrown(() => loadModel(REPO), 'unsupported', 'llama');
    assert.ok(hub.bytesOf('model.safetensors') <= 65_536);
  });
});

test('a busy hub is asked again, after the time it wants', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    const times: number[] = [];
    let refused = 0;
    hub.fault = ({ path }) => {
      if (!path.includes('/revision/')) return undefined;
      times.push(performance.now());
      refused++;
      if (refused === 1) return { status: 429, headers: { 'retry-after': '1' } };
      if (refused === 2) return { status: 503 };
      if (refused === 3) {
        return { status: 429, headers: { 'retry-after': new Date(Date.now() - 5000).toUTCString() } };
      }
      return undefined;
    };
    await inspectModel(REPO);
    assert.is(refused, 4);
    assert.ok(times[1]! - times[0]! >= 990);
  });
});

test('a hub that stays busy, or wants too long a wait', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    hub.fault = () => ({ status: 500, headers: { 'retry-after': '0' } });
    await thrown(() => inspectModel(REPO), 'network', 'status 500', hub.endpoint);
    assert.is(hub.seen.length, 5);
    hub.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await thrown(() => inspectModel(REPO), 'network', 'status 429', 'after 3600');
    assert.is(hub.seen.length, 6);
    // With a complete cache.
    hub.fault = () => undefined;
    await loadModel(REPO);
    hub.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await loadModel(REPO);
  });
});

test('busy hosts of files are asked again too', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    let refused = 0;
    hub.fault = ({ host }) => (host === 'cdn' && refused++ % 2 === 0 ? { status: 502 } : undefined);
    await loadModel(REPO);
    assert.ok(refused >= 4);
  });
});

test('redirects that lead in a circle or to no web server fail with network', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    for (const [location, reason] of [
      ['/circle', 'redirect count exceeded'],
      ['ftp://127.0.0.1/', 'scheme'],
    ] as const) {
      hub.fault = () => ({ status: 302, headers: { location } });
      await thrown(() => loadModel(REPO), 'network', hub.endpoint, reason);
    }
  });
});

test('the token goes to the hub alone', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub, home }) => {
    const tokens = (host: string) =>
      new Set(hub.seen.filter((seen) => seen.host === host).map(({ authorization }) => authorization));
    process.env.HF_TOKEN = TOKEN;
    await loadModel(REPO);
    assert.equal([...tokens('hub')], [`Bearer ${TOKEN}`]);
    assert.equal([...tokens('cdn')], [undefined]);

    hub.seen.length = 0;
    await inspectModel(REPO, { token: 'hf_option' });
    assert.equal([...tokens('hub')], ['Bearer hf_option'], 'the option comes first');

    hub.seen.length = 0;
    delete process.env.HF_TOKEN;
    await writeFile(join(home, 'token'), 'hf_file\n');
    await inspectModel(REPO);
    assert.equal([...tokens('hub')], ['Bearer hf_file'], 'then the file that a login writes');
  });
});

test('a listing that goes on at another host gets no token there', async () => {
  await withHub({ [REPO]: TINY }, async (world) => {
    await withHub({ [REPO]: TINY }, async ({ hub }) => {
      process.env.HF_TOKEN = TOKEN;
      hub.nextPage = (url) => url.replace(hub.endpoint, world.hub.endpoint);
      await inspectModel(REPO).catch(() => {});
      assert.ok(apiRequests(world.hub).length > 0);
      assert.ok(world.hub.seen.every(({ authorization }) => authorization === undefined));
    });
  });
});

test('tokens that are none are refused without being shown', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    for (const token of ['', 'hf_a b', 'hf_a\nx: y', 'hf_ä', 7 as unknown as string]) {
      const { message } = await thrown(() => loadModel(REPO, { token }), 'invalid-option', 'token');
      assert.not.match(message, 'hf_a');
    }
    process.env.HF_TOKEN = 'hf_a\u00e4';
    await thrown(() => loadModel(REPO), 'invalid-option', 'HF_TOKEN');
    assert.is(hub.seen.length, 0);
  });
});

test('an endpoint that is none', async () => {
  await withHub({}, async () => {
    for (const endpoint of ['huggingface.co', 'ftp://x', 'file:///x']) {
      process.env.HF_ENDPOINT = endpoint;
      await thrown(() => loadModel(REPO), 'invalid-option', 'HF_ENDPOINT', endpoint);
    }
    process.env.HF_ENDPOINT = 'https://me:passw0rd@127.0.0.1';
    assert.not.match(inspect(await thrown(() => loadModel(REPO), 'invalid-option')), 'passw0rd');
  });
});

test('an endpoint that is no hub', async () => {
  await withHub({ [REPO]: TINY }, async ({ hub }) => {
    for (const answer of [{ error: 'x' }, 'text', [7], [null], [{ type: 'file', path: 'a', size: -1 }]]) {
      hub.listing = () => answer;
      await thrown(() => loadModel(REPO), 'invalid-file', 'does not describe', REPO);
    }
    hub.listing = (entries) => entries;
    let page = 0;
    hub.nextPage = (url) => `${url}&page=${page++}&cursor=0`;
    hub.alwaysNext = true;
    await thrown(() => loadModel(REPO), 'invalid-file', 'more than 100000 files');
  });
});

test('the settings of the environment', async () => {
  await withHub({}, async ({ home }) => {
    assert.is(cacheFolder(), join(home, 'hub'));
    process.env.HF_HUB_CACHE = '~/models';
    assert.is(cacheFolder(), join(homedir(), 'models'));
    // An empty variable counts as one that is not set.
    process.env.HF_HUB_CACHE = '';
    process.env.HF_HOME = '';
    delete process.env.HF_ENDPOINT;
    process.env.HF_TOKEN_PATH = join(home, 'my-token');
    await writeFile(join(home, 'my-token'), '');
    assert.equal(await hubSettings(), {
      endpoint: 'https://huggingface.co',
      token: undefined,
      offline: false,
      cacheFolder: join(homedir(), '.cache', 'huggingface', 'hub'),
    });
    process.env.XDG_CACHE_HOME = home;
    process.env.HF_ENDPOINT = 'https://example.org/hub//';
    const { endpoint, cacheFolder: folder } = await hubSettings();
    assert.is(endpoint, 'https://example.org/hub');
    assert.is(folder, join(home, 'huggingface', 'hub'));
  });
});

test('paths and hashes that lead out of the cache', async () => {
  const [config, weights] = [TINY.files['config.json']!, TINY.files['model.safetensors']!];
  const index = JSON.stringify({ weight_map: { 'wte.weight': '../../../evil.safetensors' } });
  const files = {
    'config.json': config,
    '../../../evil.safetensors': weights,
    '/etc/evil.json': 'x',
    'a\\..\\evil.json': 'x',
    'C:evil.json': 'x',
    'model.safetensors.index.json': index,
  };
  await withHub({ [REPO]: { files } }, async ({ cache, home, hub }) => {
    await thrown(() => loadModel(REPO), 'invalid-file', 'evil.safetensors');
    await thrown(() => loadTokenizer(REPO), 'not-found', 'no tokenizer');
    assert.ok(filesBelow(home).every((path) => !path.includes('evil')));
    // The only weights, so they would be used if the hub's listing were trusted.
    hub.put(REPO, { files: { '../../../evil.gguf': writeGguf(modelFile('base')) } });
    await thrown(() => loadModel(REPO), 'not-found', 'has neither model.safetensors');
    await thrown(() => loadModel(`${REPO}:../../../evil.gguf`), 'not-found', 'there is no folder');
    assert.ok(filesBelow(home).every((path) => !path.includes('evil')));
    hub.put(REPO, TINY);
    hub.listing = (entries) =>
      entries.map((entry) => ({ ...entry, oid: '../../../../evil', lfs: undefined }));
    await thrown(() => loadModel(REPO), 'invalid-file', 'does not describe', 'evil');
    hub.listing = (entries) => entries;
    for (const commit of ['../../../evil', '', 'main', 'A'.repeat(40)]) {
      hub.put(REPO, { ...TINY, commit });
      await thrown(() => loadModel(REPO), 'invalid-file', 'its commit is');
    }
    assert.ok(filesBelow(cache).every((path) => !path.includes('evil')));
  });
});

test.run();
