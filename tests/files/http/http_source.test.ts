import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS } from '../../../src/architecture/gpt2/lora.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { convertModel, inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { randomAdapter } from '../../support/adapters.js';
import { checkpointFolder, expectedOf } from '../../support/checkpoints.js';
import { type FileServer, type ServerOptions, serveFiles } from '../../support/file_server.js';
import { thrown } from '../../support/thrown.js';
import { until } from '../../support/until.js';

const MODELS = fileURLToPath(new URL('../../fixtures', import.meta.url));
const WEIGHTS = readFileSync(`${MODELS}/stories-tiny/model.safetensors`);
const STORY = { temperature: 0, maxTokens: 8 };

async function serving<R>(
  options: ServerOptions,
  use: (url: string, server: FileServer) => Promise<R>,
  root = MODELS,
): Promise<R> {
  const server = await serveFiles(root, options);
  try {
    return await use(`${server.url}/stories-tiny`, server);
  } finally {
    await server.close();
  }
}

async function story(source: string | URL): Promise<string> {
  const model = await loadModel(source, { build: 'simd' });
  const { text } = await model.generate('Once upon a time', STORY);
  model.dispose();
  return text;
}

const EXPECTED = await story(`${MODELS}/stories-tiny`);

/** Lets `answer` answer requests whose path ends with `ending`; `count` is the number of earlier ones. */
function onPath(
  ending: string,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => boolean | undefined,
): NonNullable<ServerOptions['answer']> {
  let count = 0;
  return (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    return pathname.endsWith(ending) ? answer(request, response, count++) : undefined;
  };
}

const status = (response: ServerResponse, code: number, headers: Record<string, string> = {}) => {
  response.writeHead(code, headers).end();
  return true;
};

for (const [name, options] of [
  ['with ranges', {}],
  ['without ranges', { ranges: false }],
  ['without ranges and lengths', { ranges: false, lengths: false }],
] as const) {
  test(`a model loads from a server ${name}`, async () => {
    await serving(options, async (url) => {
      assert.is(await story(url), EXPECTED);
      assert.is(await story(new URL(`${url}/`)), EXPECTED);
    });
  });
}

for (const [name, options] of [
  ['fast', {}],
  ['slow', { pauseMs: 2 }],
] as const) {
  test(`weights of a ${name} server come once, and the total is known before their first byte`, async () => {
    await serving(options, async (url, { requests, sent }) => {
      const totals = new Set<number>();
      const model = await loadModel(url, { build: 'simd', onProgress: ({ total }) => totals.add(total) });
      model.dispose();
      assert.equal([...totals], [WEIGHTS.length - 8 - Number(WEIGHTS.readBigUInt64LE())]);
      const asked = requests.filter((line) => line.includes('model.safetensors'));
      assert.equal(asked, ['GET /stories-tiny/model.safetensors']);
      assert.is(sent.get('/stories-tiny/model.safetensors'), WEIGHTS.length);
    });
  });

  test(`a .gguf file of a ${name} server comes once`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-http-gguf-'));
    const file = await convertModel(`${MODELS}/stories-tiny`, { weights: 'f16' });
    await writeFile(join(folder, 'model.gguf'), file.bytes());
    await serving(
      options,
      async (_, { url, requests, sent }) => {
        assert.is(await story(`${url}/model.gguf`), await story(join(folder, 'model.gguf')));
        assert.equal(requests, ['GET /model.gguf']);
        assert.is(sent.get('/model.gguf'), statSync(join(folder, 'model.gguf')).size);
      },
      folder,
    );
    rmSync(folder, { recursive: true });
  });
}

test('a file whose size is not told is fetched once', async () => {
  await serving({ lengths: false, ranges: false }, async (url, { requests }) => {
    assert.is(await story(url), EXPECTED);
    assert.is(requests.filter((line) => line.includes('model.safetensors')).length, 1);
  });
});

test('a model of many files leaves connections for others', async () => {
  const folder = shardedFolder(28);
  await serving(
    {},
    async (_, { url, mostOpen }) => {
      assert.is(await story(url), EXPECTED);
      // The client keeps three; the server notices closed ones with a delay.
      assert.ok(mostOpen() <= 14, `${mostOpen()} of 28 at once`);
    },
    folder,
  );
  rmSync(folder, { recursive: true });
});

test('a model that is not loaded leaves no connection open', async () => {
  await serving({ pauseMs: 5 }, async (url, { open }) => {
    await thrown(() => loadModel(url, { build: 'simd', contextLength: 1_000_000 }), 'invalid-option');
    await until(() => open() === 0);
    await loadTokenizer(url);
    await until(() => open() === 0);
    await inspectModel(url);
    await until(() => open() === 0);
  });
});

for (const ranges of [true, false]) {
  test(`a broken connection is resumed, ${ranges ? 'from there' : 'without ranges'}`, async () => {
    const breaks = onPath('model.safetensors', (request, response, count) => {
      if (count > 3) return undefined;
      const start = ranges ? Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0) : 0;
      const headers = { 'content-length': WEIGHTS.length - start, etag: '"weights"' };
      response.writeHead(start > 0 ? 206 : 200, headers);
      response.write(WEIGHTS.subarray(start, 400_000 * (count + 1)), () => response.destroy());
      return true;
    });
    const answer: ServerOptions['answer'] = (request, response) => {
      const done = breaks(request, response);
      // All answers must have the same ETag.
      if (!done && request.url!.endsWith('model.safetensors')) {
        const start = ranges ? Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0) : 0;
        const headers = { 'content-length': WEIGHTS.length - start, etag: '"weights"' };
        response.writeHead(start > 0 ? 206 : 200, headers).end(WEIGHTS.subarray(start));
        return true;
      }
      return done;
    };
    await serving({ answer }, async (url, { requests }) => {
      assert.is(await story(url), EXPECTED);
      const starts = requests.flatMap((line) => /model\.safetensors bytes=(\d+)-$/.exec(line)?.[1] ?? []);
      assert.is(starts.length, 4);
      assert.equal(
        starts.map(Number),
        starts.map(Number).sort((a, b) => a - b),
      );
    });
  });
}

test('a file that changes while it is read is refused', async () => {
  const answer = onPath('model.safetensors', (_, response, count) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length, etag: `"${count}"` });
    response.write(WEIGHTS.subarray(0, 1_000_000), () => response.destroy());
    return true;
  });
  await serving({ answer }, (url) =>
    thrown(() => loadModel(url), 'invalid-file', /changed while it was read/),
  );
});

test('an adapter is found at an address, beside a model or alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-http-adapter-'));
  const local = await loadModel(`${MODELS}/stories-tiny`, { build: 'simd' });
  await writeAdapter(
    folderTarget(join(folder, 'poems')),
    randomAdapter(local.config, 1, 3, LORA_TARGETS),
    null,
  );
  const adapted = await local.withAdapters([join(folder, 'poems')]);
  const want = await adapted.logits([1, 2, 3]);
  await serving(
    {},
    async (_, { url, requests }) => {
      const model = await local.withAdapters([`${url}/poems/`]);
      assert.equal(await model.logits([1, 2, 3]), want);
      assert.ok(
        requests.every((line) => line.includes('/poems/adapter_')),
        'nothing else is asked for',
      );
      await thrown(() => local.withAdapters([`${url}/none`]), 'not-found', 'none');
    },
    folder,
  );
  local.dispose();
  rmSync(folder, { recursive: true });
});

/** A checkpoint of stories-tiny whose tensors lie in so many files. */
function shardedFolder(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-http-shards-'));
  for (const name of ['config.json', 'vocab.json', 'merges.txt']) {
    copyFileSync(`${MODELS}/stories-tiny/${name}`, join(folder, name));
  }
  const dataStart = 8 + Number(WEIGHTS.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(WEIGHTS.subarray(8, dataStart).toString());
  const weight_map: Record<string, string> = {};
  const names = Object.keys(header);
  for (let shard = 0; shard < count; shard++) {
    const file = `model-${shard + 1}-of-${count}.safetensors`;
    const parts: Buffer[] = [];
    const own: Record<string, unknown> = {};
    let offset = 0;
    for (const name of names.filter((_, i) => i % count === shard)) {
      const [from, to] = header[name].data_offsets;
      own[name] = { ...header[name], data_offsets: [offset, offset + to - from] };
      offset += to - from;
      parts.push(WEIGHTS.subarray(dataStart + from, dataStart + to));
      weight_map[name] = file;
    }
    const json = Buffer.from(JSON.stringify(own));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(join(folder, file), Buffer.concat([length, json, ...parts]));
  }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  return folder;
}

test('what is not there, or may not be read, is said', async () => {
  await serving({}, async (url) => {
    await thrown(() => loadModel(`${url}-not`), 'not-found', /stories-tiny-not/);
    await thrown(() => loadModel(`${url}/none.gguf`), 'not-found', /none\.gguf/);
    await thrown(() => loadModel(`${url}/%E0%A4%.gguf`), 'not-found');
  });
  for (const code of [401, 403]) {
    const answer = onPath('config.json', (_, response) => status(response, code));
    await serving({ answer }, (url) =>
      thrown(() => loadModel(url), 'not-found', new RegExp(`status ${code}`)),
    );
  }
});

test('a page in place of a file is no file', async () => {
  const page = onPath('.json', (request, response) => {
    if (request.url!.endsWith('/config.json') || request.url!.endsWith('vocab.json')) return undefined;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html>');
    return true;
  });
  await serving({ answer: page }, async (url) => assert.is(await story(url), EXPECTED));
});

test('a busy server is asked again when it says', async () => {
  const busy = onPath('config.json', (_, response, count) =>
    count < 4 ? status(response, [429, 500, 503, 408][count]!, { 'retry-after': '0' }) : undefined,
  );
  await serving({ answer: busy }, async (url) => assert.is(await story(url), EXPECTED));
});

test('a server that stays busy, or asks for too long a wait, fails with network', async () => {
  for (const wait of ['0', '86400', new Date(Date.now() + 1e9).toUTCString()]) {
    let asked = 0;
    const answer = onPath('config.json', (_, response) => {
      asked++;
      return status(response, 503, { 'retry-after': wait });
    });
    await serving({ answer }, (url) =>
      thrown(() => loadModel(url), 'network', /status 503.*try again after/),
    );
    assert.is(asked, wait === '0' ? 5 : 1);
  }
});

test('a server that nobody runs fails with network', async () => {
  const url = await serving({}, async (url) => url);
  await thrown(() => loadModel(url), 'network', /ECONNREFUSED|cannot be fetched/);
});

test('a password in an address is refused, and neither it nor a query is in messages', async () => {
  for (const url of ['http://me:passw0rd@127.0.0.1:1/m', new URL('http://me:passw0rd@127.0.0.1:1/a.gguf')]) {
    assert.not.match(inspect(await thrown(() => loadModel(url), 'invalid-option', '127.0.0.1')), 'passw0rd');
  }
  const signed = 'http://127.0.0.1:1/a.gguf?signature=passw0rd';
  assert.not.match(
    inspect(await thrown(() => loadModel(signed), 'network', 'a.gguf'), { depth: 8 }),
    'passw0rd',
  );
});

test('redirects are followed, and a query goes with every file', async () => {
  const answer: ServerOptions['answer'] = (request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    if (url.searchParams.get('key') !== 'secret') return status(response, 401);
    if (!url.pathname.startsWith('/old/')) return undefined;
    return status(response, 302, {
      location: `${url.pathname.replace('/old/', '/stories-tiny/')}${url.search}`,
    });
  };
  await serving({ answer }, async (url) => {
    assert.is(await story(`${url.replace('stories-tiny', 'old')}?key=secret`), EXPECTED);
    const error = await thrown(
      () => loadModel(`${url.replace('stories-tiny', 'none')}?key=secret`),
      'not-found',
    );
    assert.not.match(error.message, 'secret');
    const refused = await thrown(() => loadModel(`${url}?key=other`), 'not-found', /status 401/);
    assert.not.match(refused.message, 'other');
  });
});

test('shards are found by their index', async () => {
  const folder = checkpointFolder('bf16-sharded');
  await serving(
    {},
    async (_, { url }) => {
      const ids = expectedOf('bf16-sharded').input_ids;
      const [here, there] = [await loadModel(folder), await loadModel(url)];
      assert.equal(await there.logits(ids), await here.logits(ids));
    },
    folder,
  );
});

test('loading is aborted at any file', async () => {
  for (const file of ['config.json', 'model.safetensors']) {
    const controller = new AbortController();
    const answer = onPath(file, (_, response) => {
      // The start of an answer that never ends.
      response.writeHead(200, { 'content-length': WEIGHTS.length });
      response.write(WEIGHTS.subarray(0, 100));
      setTimeout(() => controller.abort(), 20);
      return true;
    });
    await serving({ answer }, (url) =>
      thrown(() => loadModel(url, { signal: controller.signal }), 'aborted'),
    );
  }
});

/** An AbortController of another library, such as jsdom's, whose signals `fetch` does not take. */
class ForeignController {
  readonly signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined as unknown });

  abort(reason: unknown = new Error('aborted')): void {
    Object.assign(this.signal, { aborted: true, reason });
    this.signal.dispatchEvent(new Event('abort'));
  }
}

test('the signal of another library ends loading, also if the global AbortController is not that of fetch', async () => {
  const { AbortController: own, AbortSignal, fetch } = globalThis;
  // Strict about the signal, as in Node from version 22 on; older versions take similar objects.
  globalThis.fetch = async (url, init) => {
    assert.instance(init?.signal, AbortSignal);
    return fetch(url, init);
  };
  try {
    for (const [i, global] of [own, ForeignController].entries()) {
      globalThis.AbortController = global as never;
      // Loaded again, as in a test runner that has replaced the global before.
      const { fetchInTime }: typeof import('../../../src/files/http/connection.js') = await import(
        `../../../src/files/http/connection.js?${i}`
      );
      await serving({}, async (url) => {
        const options = { signal: new ForeignController().signal as never };
        const response = await fetchInTime(`${url}/config.json`, {}, options.signal);
        assert.is((await response.json()).model_type, 'gpt2');
        (await loadModel(url, { ...options, build: 'simd' })).dispose();
      });
      let controller = new ForeignController();
      const answer = onPath('config.json', () => {
        controller.abort(new Error('enough'));
        return true;
      });
      await serving({ answer }, async (url) => {
        const fetched = fetchInTime(`${url}/config.json`, {}, controller.signal as never);
        assert.is((await fetched.catch((error) => error)).message, 'enough');
        controller = new ForeignController();
        await thrown(() => loadModel(url, { signal: controller.signal as never }), 'aborted');
      });
    }
  } finally {
    Object.assign(globalThis, { AbortController: own, fetch });
  }
});

test('a tokenizer comes without the weights', async () => {
  await serving({}, async (url) => {
    assert.is((await loadTokenizer(url)).decode((await loadTokenizer(url)).encode('A cat')), 'A cat');
  });
});

test.run();
