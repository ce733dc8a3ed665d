import '../quick_timers.js';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../../src/index.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { type Answer, type Lie, lyingFetch } from '../lying_fetch.js';
import { smallFiles } from '../small.js';
import { jsonOf, mustBeFinite, type Target, text } from '../target.js';

const hashOf = (algorithm: string, ...parts: (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest('hex');

const NOT_FOUND: Answer = { status: 404, headers: {}, body: new Uint8Array(0) };

function fileAnswer(name: string, init: RequestInit): Answer {
  const bytes = smallFiles[name];
  if (bytes === undefined) return NOT_FOUND;
  const range = /^bytes=(\d+)-(\d*)$/.exec(new Headers(init.headers).get('range') ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(bytes.length, Number(range[2]) + 1) : bytes.length;
  const body = init.method === 'HEAD' ? new Uint8Array(0) : bytes.subarray(start, end);
  const headers = { 'content-length': String(end - start), etag: `"${hashOf('sha256', bytes)}"` };
  if (range === null) return { status: 200, headers, body };
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` },
    body,
  };
}

const COMMIT = 'c0'.repeat(20);

const jsonAnswer = (value: unknown): Answer => ({
  ...{ status: 200, headers: { 'content-type': 'application/json' } },
  body: text(JSON.stringify(value)),
});

function hubAnswer(url: URL, init: RequestInit): Answer {
  const path = decodeURIComponent(url.pathname);
  if (path.includes('/revision/')) return jsonAnswer({ _id: 'x', id: 'a/b', sha: COMMIT });
  if (!path.includes('/tree/')) return fileAnswer(path.split('/').at(-1)!, init);
  return jsonAnswer(
    Object.entries(smallFiles).map(([name, bytes]) => ({
      ...{ type: 'file', path: name, size: bytes.length },
      oid: hashOf('sha1', `blob ${bytes.length}\0`, bytes),
      ...(name.endsWith('.safetensors') && {
        lfs: { oid: hashOf('sha256', bytes), size: bytes.length, pointerSize: 130 },
      }),
    })),
  );
}

/** Lies about a request of any kind. */
const GRAMMAR: Grammar = {
  ...COMMON,
  start: ['[<lie>]', '[<lie>,<lie>]', '[{"to":<to>,<fault>},<lie>,<lie>]'],
  lie: ['{<fault>}', '{"to":<to>,<fault>}', '{"to":<to>,<fault>,<fault>}'],
  to: [
    '0',
    '1',
    '2',
    '<count>',
    '"config.json"',
    '"safetensors"',
    '"vocab"',
    '"tree"',
    '"revision"',
    '"tokenizer"',
  ],
  fault: [
    ...[
      '"status":<status>',
      '"headers":{<header>}',
      '"headers":{<header>,<header>}',
      '"body":<body>',
      '"cut":<number>',
    ],
    ...[
      '"end":"break"',
      '"end":"stall"',
      '"cut":100,"end":"break"',
      '"url":"http://other/<word>"',
      '"cut":-4',
    ],
  ],
  status: [
    '200',
    '206',
    '204',
    '301',
    '304',
    '400',
    '401',
    '403',
    '404',
    '410',
    '416',
    '429',
    '500',
    '503',
    '599',
  ],
  header: [
    ...[
      '"content-length":<length>',
      '"content-length":null',
      '"content-range":"bytes <count>-<count>/<integer>"',
    ],
    ...[
      '"content-range":"bytes */<integer>"',
      '"content-range":<json_text>',
      '"etag":<json_text>',
      '"etag":null',
    ],
    ...[
      '"etag":"W/\\"a\\""',
      '"content-encoding":"gzip"',
      '"content-type":"text/html"',
      '"last-modified":"x"',
    ],
    ...['"retry-after":<length>', '"link":"<http://hub/x>; rel=\\"next\\""', '"x-error-code":"GatedRepo"'],
    ...['"link":<json_text>', '"x-linked-size":<length>', '"x-repo-commit":"x"', '"<word>":<json_text>'],
  ],
  length: ['<integer>', '"<number>"', '""', '"1, 2"'],
  body: [
    '<json_text>',
    '"[]"',
    '"{}"',
    '"<!doctype html>"',
    '"{\\"sha\\":<count>}"',
    '"[{\\"path\\":\\"../x\\"}]"',
  ],
};

/** A target that loads the small model from a server that lies. */
function serverTarget(
  name: string,
  honest: (url: URL, init: RequestInit) => Answer,
  address: string,
  around: (load: () => Promise<void>) => Promise<void>,
): Target {
  return {
    ...{ name, kind: 'json' },
    words: [
      'to',
      'status',
      'headers',
      'body',
      'cut',
      'end',
      'break',
      'stall',
      'etag',
      'content-length',
      'content-range',
    ],
    seeds: () =>
      ['[]', '[{"to":1,"status":503}]', '[{"to":"safetensors","cut":2000,"end":"break"}]'].map(text),
    fresh: (random) => text(derived(GRAMMAR, random)),
    async read(input) {
      const given = jsonOf(input);
      const before = globalThis.fetch;
      globalThis.fetch = lyingFetch(honest, (Array.isArray(given) ? given : [given]) as readonly Lie[]);
      try {
        await around(async () => {
          const model = await loadModel(address, { build: 'simd', threads: 1 });
          try {
            mustBeFinite(await model.logits([0, 1]), 'a logit');
          } finally {
            model.dispose();
          }
        });
      } finally {
        globalThis.fetch = before;
      }
    },
  };
}

export const HTTP = serverTarget(
  'http',
  (url, init) => fileAnswer(url.pathname.split('/').at(-1)!, init),
  'http://server/model/',
  (load) => load(),
);

export const HUB = serverTarget('hub', hubAnswer, 'some-owner/tiny', async (load) => {
  // Environment variables are those of this thread.
  const home = mkdtempSync(join(tmpdir(), 'gpt2-wasm-fuzz-hub-'));
  Object.assign(process.env, { HF_HOME: home, HF_HUB_CACHE: join(home, 'hub'), HF_ENDPOINT: 'http://hub' });
  try {
    await load();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
