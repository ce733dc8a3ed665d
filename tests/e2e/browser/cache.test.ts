import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DownloadProgress, loadModel } from '../../../src/index.js';
import { type FileServer, type ServerOptions, serveFiles } from '../../support/file_server.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM, Chromium, POLICY } from './chromium.js';

interface Outcome {
  readonly first?: DownloadProgress;
  readonly last?: DownloadProgress;
  readonly text?: string;
  readonly error?: { code: string; message: string };
  readonly files: Record<string, number>;
}

const MODELS = fileURLToPath(new URL('../../fixtures', import.meta.url));
const WEIGHTS = '/stories-tiny/model.safetensors';
/** Policy of a page that may load from other sites. */
const OPEN = `${POLICY}; connect-src *`;
const WEIGHT_BYTES = 1_919_824;

const cacheTests = suite('cache');
let chromium: Chromium;
let text: string;

cacheTests.before(async () => {
  chromium = await Chromium.start();
  const model = await loadModel(storiesTiny, { build: 'simd' });
  ({ text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 8 }));
});
cacheTests.after(() => chromium.close());

/** A model on another site that every page may read, and a profile that keeps what pages store. */
async function withModel(
  use: (
    load: (argument?: object) => Promise<Outcome>,
    site: FileServer,
    profile: BrowserContext,
  ) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'etag, content-range',
  };
  const site = await serveFiles(MODELS, { ...options, headers });
  const profile = await chromium.browser.newContext();
  try {
    await use(
      (argument) =>
        chromium.run(
          'cache',
          { url: `${site.url}/stories-tiny`, ...argument },
          { context: profile, policy: OPEN },
        ),
      site,
      profile,
    );
  } finally {
    await profile.close();
    await site.close();
  }
}

cacheTests('a model is downloaded once, and loads without a network', () =>
  withModel(async (load, site) => {
    const first = await load();
    assert.is(first.text, text);
    assert.equal(first.first, { file: 'model.safetensors', total: WEIGHT_BYTES, loaded: 0, cached: 0 });
    assert.is(first.last?.loaded, WEIGHT_BYTES);
    assert.is(first.files[WEIGHTS], WEIGHT_BYTES);
    assert.is(Object.keys(first.files).length, 4);

    const second = await load();
    assert.is(second.text, text);
    assert.is(second.first?.cached, WEIGHT_BYTES);
    assert.is(second.last?.loaded, WEIGHT_BYTES);

    await site.close();
    const third = await load();
    assert.is(third.text, text);
    assert.equal(third.files, first.files);

    assert.is(await load({ remove: `${site.url}/other` }), 0 as never);
    assert.is(await load({ remove: site.url }), 4 as never);
    const fourth = await load();
    assert.is(fourth.error?.code, 'network');
    assert.equal(fourth.files, {});
  }),
);

for (const [name, options] of [
  ['fast', {}],
  ['slow', { pauseMs: 3 }],
] as const) {
  cacheTests(`weights of a ${name} server come once, kept or not`, () =>
    withModel(async (load, site) => {
      assert.is((await load()).text, text);
      assert.equal(
        site.requests.filter((line) => line.includes('model.safetensors')),
        [`GET ${WEIGHTS}`],
      );
      assert.is(site.sent.get(WEIGHTS), WEIGHT_BYTES);
      await until(() => site.open() === 0);
      assert.is((await load()).text, text);
      assert.is(site.sent.get(WEIGHTS), WEIGHT_BYTES, 'of a file that is kept nothing is sent');
      assert.is((await load({ cache: false })).text, text);
      assert.is(site.sent.get(WEIGHTS), 2 * WEIGHT_BYTES);
    }, options),
  );
}

cacheTests('nothing is kept where the caller does not want it', () =>
  withModel(async (load) => {
    const { text: written, files, first } = await load({ cache: false });
    assert.is(written, text);
    assert.equal(files, {});
    assert.is(first, undefined);
  }),
);

cacheTests('a file that has changed is downloaded again', () => {
  let version = 1;
  const answer: ServerOptions['answer'] = (request, response) => {
    if (!request.url!.endsWith('model.safetensors')) return undefined;
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => setHeader(name, name === 'etag' ? `"${version}"` : value);
    return undefined;
  };
  return withModel(
    async (load) => {
      await load();
      assert.is((await load()).first?.cached, WEIGHT_BYTES);
      version++;
      const changed = await load();
      assert.is(changed.first?.cached, 0);
      assert.is(changed.text, text);
      assert.is((await load()).first?.cached, WEIGHT_BYTES);
    },
    { answer },
  );
});

cacheTests('a server that knows no HEAD is asked by GET, and the file that is kept is found again', () =>
  withModel(
    async (load) => {
      await load();
      const { text: written, first } = await load();
      assert.is(written, text);
      assert.is(first?.loaded, WEIGHT_BYTES);
    },
    {
      answer: (request, response) => {
        if (request.method === 'HEAD') response.writeHead(405).end();
        return request.method === 'HEAD';
      },
    },
  ),
);

cacheTests('a model runs where there is no room to keep it', () =>
  withModel(async (load, _, profile) => {
    const known = await load({ room: 1_000_000 });
    assert.is(known.text, text);
    assert.is(known.first, undefined);
    assert.is(known.files[WEIGHTS], undefined);

    // The free space that a browser reports can be wrong.
    const session = await profile.newCDPSession(await profile.newPage());
    const { url: origin } = chromium.plain;
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
    const surprising = await load();
    assert.is(surprising.text, text);
    assert.ok(surprising.first);
    assert.is(surprising.files[WEIGHTS], undefined);
  }),
);

cacheTests('a download that is aborted or breaks off leaves nothing', async () => {
  const weights = readFileSync(`${MODELS}${WEIGHTS}`);
  let cut = true;
  const half: ServerOptions['answer'] = (request, response) => {
    if (!request.url!.endsWith('model.safetensors')) return undefined;
    response.writeHead(200, { 'content-length': weights.length, etag: '"weights"' });
    if (cut) response.write(weights.subarray(0, WEIGHT_BYTES / 2));
    else response.end(weights);
    return true;
  };
  await withModel(
    async (load) => {
      const { error, files } = await load({ abortAt: WEIGHT_BYTES / 4 });
      assert.is(error?.code, 'aborted');
      assert.is(files[WEIGHTS], undefined);
      cut = false;
      assert.is((await load()).text, text);
    },
    { answer: half },
  );
  let broken = 0;
  const answer: ServerOptions['answer'] = (request, response) => {
    if (!request.url!.endsWith('model.safetensors')) return undefined;
    if (broken++ > 0) response.writeHead(503, { 'retry-after': '0' }).end();
    else {
      response.writeHead(200, { 'content-length': weights.length, etag: '"weights"' });
      response.write(weights.subarray(0, WEIGHT_BYTES / 2), () => response.destroy());
    }
    return true;
  };
  await withModel(
    async (load) => {
      const { error, files } = await load();
      assert.is(error?.code, 'network');
      assert.is(files[WEIGHTS], undefined);
    },
    { answer },
  );
});

cacheTests('an address may be relative to the page', async () => {
  for (const url of ['/tests/fixtures/stories-tiny', '../../../fixtures/stories-tiny/']) {
    assert.is((await chromium.run<Outcome>('cache', { url })).text, text);
  }
});

cacheTests("a hub's id is looked up at the hub", async () => {
  const profile = await chromium.browser.newContext();
  const asked = new Set<string>();
  await profile.route('https://huggingface.co/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    asked.add(pathname);
    const path = pathname.replace('/somebody/tiny/resolve/main/', `${MODELS}/stories-tiny/`);
    const headers = { 'access-control-allow-origin': '*' };
    if (existsSync(path)) await route.fulfill({ path, headers });
    else await route.fulfill({ status: 404, headers });
  });
  const { text: written } = await chromium.run<Outcome>(
    'cache',
    { url: 'somebody/tiny' },
    { context: profile, policy: OPEN },
  );
  await profile.close();
  assert.is(written, text);
  assert.ok(asked.has('/somebody/tiny/resolve/main/model.safetensors'));
});

cacheTests('what a page forbids or does not have is said', async () => {
  const strict = { policy: "default-src 'self'" };
  const { error } = await chromium.run<Outcome>('cache', { url: '/tests/fixtures/stories-tiny/' }, strict);
  assert.is(error?.code, 'runtime');
  assert.match(error!.message, "'wasm-unsafe-eval'");
  for (const [url, code] of [
    ['/models/none/', 'not-found'],
    ['models', 'not-found'],
    ['file:///models/', 'invalid-option'],
  ]) {
    assert.is((await chromium.run<Outcome>('cache', { url })).error?.code, code);
  }
});

if (CHROMIUM !== undefined) cacheTests.run();
