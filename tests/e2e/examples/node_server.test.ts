import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { streamed } from '../../support/serving.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROMPT = 'Once upon a time';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-example-'));
let server: ChildProcess;
let url: string;

test.before(async () => {
  cpSync(join(ROOT, 'examples/node-server'), folder, { recursive: true });
  for (const [name, path] of [
    ['gpt2-wasm', ''],
    ['@hono/node-server', 'node_modules/@hono/node-server'],
  ] as const) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, path), link, 'junction');
  }
  const env = { ...process.env, PORT: '0', API_KEY: 'key' };
  server = spawn(process.execPath, ['server.js'], { cwd: folder, env, stdio: ['ignore', 'inherit', 'pipe'] });
  const [address] = await once(server.stderr!, 'data');
  url = String(address).trim();
});

test.after(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('the example answers with completions of the library, and stops when it is told to', async () => {
  const model = await loadModel(embeddedModel, { weights: 'q8' });
  const { text } = await model.generate(PROMPT, { maxTokens: 20, temperature: 0.9, topP: 1, seed: 5 });
  model.dispose();
  const body = { prompt: PROMPT, max_tokens: 20, temperature: 0.9, seed: 5 };
  const post = (more: object, key = 'key') =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ ...body, ...more }),
    });
  assert.is((await (await post({})).json()).choices[0].text, text);
  const events = await streamed(await post({ stream: true }));
  assert.is(events.map(({ choices }) => choices[0].text).join(''), text);
  assert.is((await post({}, 'other')).status, 401);
  server.kill('SIGTERM');
  assert.equal(await once(server, 'exit'), [0, null]);
});

test.run();
