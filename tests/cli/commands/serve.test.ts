import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectModel, loadModel } from '../../../src/index.js';
import { writeAdapter } from '../../../src/train.js';
import { randomAdapter } from '../../support/adapters.js';
import { inFolder, writeFiles } from '../../support/in_folder.js';
import { memoryTarget } from '../../support/memory_target.js';
import { eventsOf } from '../../support/serving.js';
import { outcome, run, start } from '../run.js';

const PROMPT = 'Once upon a time';

test('models are served under their names until SIGTERM, which ends a stream with a last event', async () => {
  const stories = 'tests/fixtures/stories-tiny';
  const child = start([
    ...['serve', '--port', '0', '--api-key', 'key', '--model', stories, '--model', `tiny=${stories}`],
    ...['--limit', 'prompts=2', '--limit', 'tokens=20', '--origin', 'https://example.com'],
  ]);
  const end = outcome(child);
  const [address] = await once(child.stdout, 'data');
  const url = String(address).trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  const headers = { authorization: 'Bearer key' };
  assert.is((await fetch(`${url}/models`)).status, 401);
  const { data } = await (await fetch(`${url}/models`, { headers })).json();
  assert.equal(
    data.map(({ id }: { id: string }) => id),
    ['stories-tiny', 'tiny'],
  );
  const post = (body: object) =>
    fetch(`${url}/completions`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ model: 'tiny', prompt: PROMPT, ...body }) },
    });
  const refused = await (await post({ max_tokens: 24 })).json();
  assert.match(refused.error.message, /20/);
  const page = await fetch(`${url}/models`, { headers: { ...headers, origin: 'https://example.com' } });
  assert.is(page.headers.get('access-control-allow-origin'), 'https://example.com');
  const { choices } = await (await post({ seed: 3, max_tokens: 8 })).json();
  const model = await loadModel(stories, { build: 'simd' });
  const { text } = await model.generate(PROMPT, { seed: 3, maxTokens: 8, temperature: 1, topP: 1 });
  model.dispose();
  assert.is(choices[0].text, text);

  const events = eventsOf(await post({ max_tokens: 16, stream: true }));
  await events.next();
  child.kill('SIGTERM');
  let last = '';
  for await (const event of events) last = event;
  assert.is(last, '[DONE]');
  const { code, stderr } = await end;
  assert.is(code, 143, stderr);
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.map(({ path, status }) => [path, status]),
    [
      ['/v1/models', 401],
      ['/v1/models', 200],
      ['/v1/completions', 400],
      ['/v1/models', 200],
      ['/v1/completions', 200],
      ['/v1/completions', 200],
    ],
  );
  assert.equal([lines[4].model, lines[4].completionTokens], ['tiny', 8]);
  assert.not.match(stderr, PROMPT);
});

test('the model in the package is the default, and an open address without a key is warned of', async () => {
  const child = start(['serve', '--port', '0', '--host', '0.0.0.0', '--quiet']);
  const end = outcome(child);
  const [address] = await once(child.stdout, 'data');
  const { port } = new URL(String(address));
  const { data } = await (await fetch(`http://127.0.0.1:${port}/v1/models`)).json();
  assert.is(data[0].id, 'stories');
  child.kill('SIGINT');
  const { code, stderr } = await end;
  assert.is(code, 130);
  assert.match(stderr, /^warning: everybody who reaches 0\.0\.0\.0 can use this server; set --api-key\n$/);
});

/** The status of an answer to a request for a name. */
function statusFor(url: URL, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: url.hostname, port: url.port, path: '/v1/models', headers: { host } };
    const asked = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

test('a server of this machine without a key answers no page that calls it by its own name', async () => {
  const child = start(['serve', '--port', '0', '--quiet', '--model', 'tests/fixtures/stories-tiny']);
  const end = outcome(child);
  const [address] = await once(child.stdout, 'data');
  const url = new URL(String(address).trim());
  assert.is(await statusFor(url, `evil.example:${url.port}`), 421);
  assert.is(await statusFor(url, `localhost:${url.port}`), 200);
  child.kill('SIGTERM');
  assert.is((await end).code, 143);
});

test('adapters and more models than fit are served', () =>
  inFolder({}, async (folder) => {
    const stories = 'tests/fixtures/stories-tiny';
    const { config, memory } = await inspectModel(stories);
    const target = memoryTarget();
    await writeAdapter(target, randomAdapter(config, 1, 2, ['attn.c_attn']), stories);
    writeFiles(folder, target.files);
    writeFiles(join(folder, 'users/ann/adapter'), target.files);
    const room = String(Math.ceil(memory.total / 2 ** 20) + 3);
    const child = start([
      ...['serve', '--port', '0', '--model', `a=${stories}`, '--model', `b=${stories}`],
      ...['--adapter', `poems@b=${folder}`, '--max-memory', room, '--log-requests'],
      ...['--users', join(folder, 'users')],
    ]);
    const end = outcome(child);
    const [address] = await once(child.stdout, 'data');
    const post = async (path: string, request: object) => {
      const body = JSON.stringify(request);
      return (await fetch(`${String(address).trim()}${path}`, { method: 'POST', body })).json();
    };
    const textOf = async (model: string, user?: string) => {
      const answer = await post('/completions', {
        model,
        prompt: PROMPT,
        temperature: 0,
        max_tokens: 8,
        user,
      });
      return answer.choices[0].text;
    };
    const [b, poems, a] = [await textOf('b'), await textOf('poems'), await textOf('a')];
    assert.equal(
      [await textOf('a', 'ann'), await textOf('a', 'bob'), await textOf('b', 'ann')],
      [poems, a, b],
    );
    const thumb = { prompt: PROMPT, completion: a, label: true };
    assert.equal(await post('/feedback', { user: 'bob', ...thumb }), {
      object: 'feedback',
      model: 'a',
      user: 'bob',
    });
    const { time, ...kept } = JSON.parse(readFileSync(join(folder, 'users/bob/choices.jsonl'), 'utf8'));
    assert.equal(kept, { ...thumb, model: 'a' });
    child.kill('SIGTERM');
    const { stderr } = await end;
    assert.is(a, b, stderr);
    const logged = stderr.split('\n').filter((line) => line.startsWith('{'));
    assert.equal(JSON.parse(logged[0]!).request, {
      model: 'b',
      prompt: PROMPT,
      temperature: 0,
      max_tokens: 8,
    });
    const model = await loadModel(stories, { build: 'simd', adapters: [folder] });
    assert.is(poems, (await model.generate(PROMPT, { temperature: 0, maxTokens: 8 })).text);
    model.dispose();
    const small = await run(['serve', '--model', stories, '--max-memory', '1']);
    assert.is(small.code, 2);
    assert.match(small.stderr, /--max-memory is 1; it must be \d+ or more, which stories-tiny needs/);
  }));

test('what cannot be served ends with a message', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  // The port is tried first: models may take long to load.
  const busy = await run(['serve', '--port', String(port), '--quiet', '--model', './absent']);
  assert.is(busy.code, 1);
  assert.match(
    busy.stderr,
    new RegExp(`^error: port ${port} of 127\\.0\\.0\\.1 cannot be opened: it is in use`),
  );
  taken.close();
  // A variable of worker processes means nothing to others.
  const lone = await outcome(
    start(['serve', '--workers', '1', '--model', './absent'], [], { GPT2_WASM_WORKER_PORT: '0' }),
  );
  assert.is(lone.code, 1, lone.stderr);
  const key = await run(['serve', '--api-key', 'a\n', '--workers', '2']);
  assert.is(key.code, 2);
  assert.is(key.stderr.match(/^error: --api-key must be visible ASCII characters/gm)?.length, 1, key.stderr);
  const twice = await run(['serve', '--model', 'a=x', '--model', 'a=y']);
  assert.is(twice.code, 2);
  assert.match(twice.stderr, /--model is "a"; it must be another name/);
});

test.run();
