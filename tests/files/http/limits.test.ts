// Must be the first import: the package keeps the timers that it finds when it is loaded.
import './silent_timers.js';

import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBody } from '../../../src/files/http/connection.js';
import { mostBytes } from '../../../src/files/limits.js';
import { loadModel, loadTokenizer } from '../../../src/index.js';
import { checkpointFolder } from '../../support/checkpoints.js';
import { serveFiles } from '../../support/file_server.js';
import { thrown } from '../../support/thrown.js';
import { REPO, STORIES, withHub } from '../hub/support.js';
import { withSilence } from './silent_timers.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));
const WEIGHTS = readFileSync(`${FIXTURES}/stories-tiny/model.safetensors`);

async function logitsOf(source: string): Promise<Float32Array> {
  const model = await loadModel(source, { build: 'simd', threads: 1 });
  const logits = await model.logits([1, 2, 3]);
  model.dispose();
  return logits;
}

const EXPECTED = await logitsOf(`${FIXTURES}/stories-tiny`);

type Answer = (response: ServerResponse, count: number, range: string | undefined) => void;

/** Serves files; requests for those named `name` are answered by `answer`. */
async function answering(
  name: string,
  answer: Answer,
  use: (url: string) => Promise<unknown>,
  root = FIXTURES,
) {
  let count = 0;
  const server = await serveFiles(root, {
    answer(request, response) {
      if (!request.url!.endsWith(`/${name}`)) return false;
      answer(response, count++, request.headers.range);
      return true;
    },
  });
  try {
    await use(server.url);
  } finally {
    await server.close();
  }
}

/**
 * Sends spaces, which any JSON may begin with, until the client closes the connection; calls `sent` with the
 * bytes of each chunk.
 */
function endless(response: ServerResponse, sent: (bytes: number) => void): void {
  const chunk = Buffer.alloc(2 ** 16, ' ');
  const more = (): void => {
    if (response.destroyed) return;
    response.write(chunk, (error) => {
      if (error) return;
      sent(chunk.length);
      setImmediate(more);
    });
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  more();
}

/** Upper bound of the bytes in the buffers of both ends of a connection. */
const IN_FLIGHT_BYTES = 2 ** 25;

const SMALL_FILES: readonly [name: string, load: (url: string) => Promise<unknown>, root?: string][] = [
  ['config.json', (url) => loadModel(`${url}/stories-tiny`)],
  ['tokenizer.json', (url) => loadTokenizer(`${url}/stories-tiny`)],
  ['model.safetensors.index.json', (url) => loadModel(url), checkpointFolder('bf16-sharded')],
  [
    'adapter_config.json',
    (url) => loadModel(`${FIXTURES}/stories-tiny`, { threads: 1, adapters: [`${url}/stories-tiny`] }),
  ],
];

for (const [name, load, root] of SMALL_FILES) {
  test(`${name} that never ends is read to its limit`, async () => {
    let bytes = 0;
    const answer: Answer = (response) => endless(response, (sent) => (bytes += sent));
    await answering(
      name,
      answer,
      async (url) => {
        await thrown(() => load(url), 'invalid-file', name, `more than ${mostBytes(name)} bytes`);
        assert.ok(bytes < mostBytes(name) + IN_FLIGHT_BYTES, `${bytes} bytes were taken`);
      },
      root,
    );
  });

  test(`${name} that is small packed and fills the memory unpacked`, async () => {
    const packed = gzipSync(Buffer.alloc(mostBytes(name) + 2 ** 20, ' '), { level: 1 });
    const answer: Answer = (response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    await answering(
      name,
      answer,
      (url) => thrown(() => load(url), 'invalid-file', name, `more than ${mostBytes(name)} bytes`),
      root,
    );
  });
}

test('a body is counted while it comes', async () => {
  let asked = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        asked++;
        controller.enqueue(new Uint8Array(1000));
      },
    },
    { highWaterMark: 0 },
  );
  await thrown(
    () => readBody(new Response(body), 10_500, 'the file'),
    'invalid-file',
    'more than 10500 bytes',
  );
  assert.is(asked, 11);
  assert.is((await readBody(new Response(new Uint8Array(10_500)), 10_500, 'the file')).size, 10_500);
});

test("the hub's description of a model that never ends is read to its limit", async () => {
  await withHub({ [REPO]: { files: {} } }, async ({ hub }) => {
    hub.listing = () => ({ padding: 'x'.repeat(2 ** 25) });
    await thrown(() => loadModel(REPO), 'invalid-file', `more than ${2 ** 24} bytes`);
  });
});

for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'vocab.json']) {
  for (const sent of [0, 50]) {
    test(`a server that falls silent after ${sent} bytes of ${name} is asked again`, async () => {
      let silent = false;
      const bytes = readFileSync(
        `${FIXTURES}/stories-tiny/${name === 'tokenizer.json' ? 'config.json' : name}`,
      );
      const answer: Answer = (response, count, range) => {
        const start = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
        silent = count === 0;
        if (silent && sent === 0) return;
        if (name === 'tokenizer.json' && !silent) {
          response.writeHead(404).end();
          return;
        }
        response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start });
        if (silent) response.write(bytes.subarray(start, start + sent));
        else response.end(bytes.subarray(start));
      };
      await answering(name, answer, async (url) => {
        await withSilence(
          () => silent,
          async () => assert.equal(await logitsOf(`${url}/stories-tiny`), EXPECTED),
        );
      });
    });
  }
}

test('a server that stays silent fails with network', async () => {
  for (const sent of [0, 50]) {
    let asked = 0;
    const answer: Answer = (response) => {
      asked++;
      if (sent > 0) response.writeHead(200, { 'content-length': 1000 }).write(' '.repeat(sent));
    };
    await answering('config.json', answer, async (url) => {
      await withSilence(
        () => true,
        () =>
          thrown(
            () => loadModel(`${url}/stories-tiny`),
            'network',
            /config\.json.*sent nothing for 30 seconds/,
          ),
      );
    });
    assert.ok(asked <= 5, `${asked} times`);
  }
});

test('a hub that falls silent is asked again', async () => {
  const files = Object.fromEntries(
    ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'].map((name) => [
      name,
      readFileSync(`${STORIES}${name}`),
    ]),
  );
  for (const stallAfter of [0, 100]) {
    for (const place of ['/tree/', 'config.json', 'model.safetensors']) {
      await withHub({ [REPO]: { files } }, async ({ hub }) => {
        let silent = false;
        let stalled = false;
        hub.fault = ({ path }) => {
          silent = !stalled && path.includes(place) && (stallAfter === 0 || place !== '/tree/');
          stalled ||= silent;
          return silent ? { stallAfter } : undefined;
        };
        await withSilence(
          () => silent,
          async () => assert.equal(await logitsOf(REPO), EXPECTED, `${place} after ${stallAfter}`),
        );
      });
    }
  }
});

const half = Math.floor(WEIGHTS.length / 2);
for (const [name, part] of [
  ['begins earlier than asked', (start: number) => [Math.max(0, start - 1000), WEIGHTS.length]],
  ['begins at the first byte whatever is asked', () => [0, WEIGHTS.length]],
  ['is longer than the file', (start: number) => [start, WEIGHTS.length + 5000]],
] as const) {
  test(`a range that ${name} gives the right bytes`, async () => {
    const longer = Buffer.concat([WEIGHTS, Buffer.alloc(5000, 7)]);
    const answer: Answer = (response, _, range) => {
      const asked = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
      if (asked === 0) {
        // The connection breaks in the middle, so the client requests the rest by a range.
        response.writeHead(200, { 'content-length': WEIGHTS.length });
        response.write(WEIGHTS.subarray(0, half), () => response.destroy());
        return;
      }
      const [start, end] = part(asked) as [number, number];
      response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${WEIGHTS.length}` });
      response.end(longer.subarray(start, end));
    };
    await answering('model.safetensors', answer, async (url) => {
      assert.equal(await logitsOf(`${url}/stories-tiny`), EXPECTED);
    });
  });
}

test('a range that begins later than asked is no answer', async () => {
  const answer: Answer = (response, _, range) => {
    const asked = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
    if (asked === 0) {
      response.writeHead(200, { 'content-length': WEIGHTS.length });
      response.write(WEIGHTS.subarray(0, half), () => response.destroy());
      return;
    }
    const start = asked + 4;
    response.writeHead(206, { 'content-range': `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}` });
    response.end(WEIGHTS.subarray(start));
  };
  await answering('model.safetensors', answer, (url) =>
    withSilence(
      () => false,
      () => thrown(() => logitsOf(`${url}/stories-tiny`), 'network', /came from byte \d+ on/),
    ),
  );
});

test.run();
