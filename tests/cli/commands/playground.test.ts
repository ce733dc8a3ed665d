import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcome, run, start } from '../run.js';

const BUILD = fileURLToPath(new URL('../../../build', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-site-'));
/** Servers that were started; one that a failed test has left would keep this process alive. */
const children: ReturnType<typeof start>[] = [];
test.after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function serving(...flags: string[]) {
  const child = start(['playground', '--no-open', ...flags]);
  children.push(child);
  const end = outcome(child);
  const [address] = await once(child.stdout, 'data');
  return { child, end, url: new URL(String(address).trim()) };
}

/** Sends a request without normalizing its path. */
function statusOf(url: URL, path: string, method = 'GET', headers = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: url.hostname, port: url.port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

/** Response headers for a client that accepts no compression, unlike fetch. */
function uncompressed(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, (response) => {
      response.resume();
      resolve(response);
    });
    asked.on('error', reject).end();
  });
}

test('the page and all its files are served with the headers for threads, and nothing else is', async () => {
  const { child, end, url } = await serving('--port', '0');
  assert.is(url.hostname, '127.0.0.1');
  const page = await fetch(url);
  assert.is(page.status, 200);
  assert.is(page.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.is(page.headers.get('cross-origin-embedder-policy'), 'require-corp');
  const policy = /content="(default-src[^"]+)"/.exec(await page.text())![1]!;
  assert.is(page.headers.get('content-security-policy'), `${policy}; frame-ancestors 'none'`);
  const worker = await fetch(new URL('build/web/model_worker.js', url));
  assert.match(worker.headers.get('content-security-policy')!, /^default-src 'none'; script-src 'self' /);

  const files: string[] = await (await fetch(new URL('files.json', url))).json();
  for (const file of files) {
    const answer = await fetch(new URL(file, url));
    assert.is(answer.status, 200, file);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const asItIs = await uncompressed(new URL(file, url));
    assert.is(asItIs.headers['content-encoding'], undefined);
    assert.is(Number(asItIs.headers['content-length']), bytes.length);
    const isWeights = /\.(gguf|safetensors)$/.test(file);
    assert.is(answer.headers.get('content-encoding'), isWeights ? null : 'gzip', file);
    assert.is(answer.headers.get('etag') === asItIs.headers.etag, isWeights, file);
    const etag = answer.headers.get('etag')!;
    assert.is((await fetch(new URL(file, url), { headers: { 'if-none-match': etag } })).status, 304);
  }
  for (const path of [
    '/package.json',
    '/../package.json',
    '/%2e%2e/package.json',
    '/build/esm/cli.js',
    '//',
    '/%',
  ]) {
    assert.is(await statusOf(url, path), 404, path);
  }
  assert.is(await statusOf(url, '/', 'POST'), 405);
  assert.is(await statusOf(url, '/', 'HEAD'), 200);
  // A page may let its own name mean this machine.
  for (const host of ['evil.example', `evil.example:${url.port}`, '127.0.0.1.evil.example', 'a b']) {
    assert.is(await statusOf(url, '/', 'GET', { host }), 421, host);
  }
  assert.is(await statusOf(url, '/', 'GET', { host: 'localhost:9000' }), 200);

  const taken = await run(['playground', '--no-open', '--port', url.port]);
  assert.is(taken.code, 1);
  assert.match(taken.stderr, `port ${url.port} cannot be opened: it is in use`);

  child.kill('SIGINT');
  const { code, stderr } = await end;
  assert.is(code, 130);
  assert.is(stderr, 'Ctrl-C ends the server\n');
});

test('two playgrounds run at once where no port was asked for', async () => {
  const [one, two] = [await serving(), await serving()];
  assert.is.not(one.url.port, two.url.port);
  for (const { child, end } of [one, two]) {
    child.kill('SIGTERM');
    assert.is((await end).code, 143);
  }
});

test('--out writes what is served to a new folder', async () => {
  const site = join(folder, 'deep', 'site');
  assert.is((await run(['playground', '--out', site])).stdout, `${site}\n`);
  const files: string[] = JSON.parse(readFileSync(join(BUILD, 'playground/files.json'), 'utf8'));
  for (const file of [...files, 'files.json']) assert.ok(existsSync(join(site, file)), file);
  assert.equal(readdirSync(join(folder, 'deep')), ['site']);
  const again = await run(['playground', '--out', site]);
  assert.is(again.code, 2);
  assert.match(again.stderr, 'exists already');
});

test('a port that is none is refused', async () => {
  for (const port of ['-1', '70000', '1.5', 'x']) {
    const { code, stderr } = await run(['playground', '--no-open', `--port=${port}`]);
    assert.is(code, 2);
    assert.match(stderr, '--port');
  }
});

test.run();
