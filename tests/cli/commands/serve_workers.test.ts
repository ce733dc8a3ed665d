import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { inFolder } from '../../support/in_folder.js';
import { eventsOf } from '../../support/serving.js';
import { unless } from '../../support/unless.js';
import { until } from '../../support/until.js';
import { outcome, run, start } from '../run.js';

const STORIES = 'tests/fixtures/stories-tiny';
const PROMPT = 'Once upon a time';
/** Equal choices are computed once and written often: more than the buffers between two processes hold. */
const LONG = { prompt: PROMPT, temperature: 0, ignore_eos: true, n: 100, max_tokens: 150, logprobs: 20 };

interface Cluster {
  readonly child: ChildProcessWithoutNullStreams;
  readonly end: ReturnType<typeof outcome>;
  readonly url: string;
  /** The latest process of a worker, other than `before`. */
  pidOf(worker: string, before?: number): Promise<number>;
}

async function startWorkers(model: string): Promise<Cluster> {
  const child = start(['serve', '--port', '0', '--workers', '2', '--model', `tiny=${model}`]);
  const end = outcome(child);
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const [address] = await once(child.stdout, 'data');
  const pidOf = async (worker: string, before = 0) => {
    const line = new RegExp(`^worker ${worker} takes requests: process (\\d+)$`, 'gm');
    const pid = () => Number([...errors.matchAll(line)].at(-1)?.[1] ?? before);
    await until(() => pid() !== before);
    return pid();
  };
  return { child, end, url: String(address).trim().replace(/\/v1$/, ''), pidOf };
}

const post = (url: string, body: object) =>
  fetch(`${url}/v1/completions`, { method: 'POST', body: JSON.stringify(body) });

const healthOf = async (url: string) => (await (await fetch(`${url}/health`)).json()).workers;

/** The samples of a metric, each with its labels as they are written. */
async function metric(url: string, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(new RegExp(`^gpt2_wasm_${name}(\\S*) (\\S+)$`, 'gm'));
  return new Map(Array.from(lines, ([, labels, value]) => [labels!, Number(value)]));
}

test('a worker that is killed loses its own streams alone, and is started again', async () => {
  const { child, end, url, pidOf } = await startWorkers(STORIES);
  assert.equal(await healthOf(url), { ready: 2, total: 2 });

  // Until both have a stream. Connections are spread by turns, and those of other requests are kept.
  const streams: AsyncGenerator<string>[] = [];
  const openIn = async (worker: string) =>
    (await metric(url, 'streams_open')).get(`{worker="${worker}"}`)! > 0;
  while (!((await openIn('1')) && (await openIn('2')))) {
    const stream = eventsOf(await post(url, { ...LONG, stream: true }));
    await stream.next();
    streams.push(stream);
  }
  const killed = await pidOf('1');
  const before = await metric(url, 'streams_open');
  process.kill(killed, 'SIGKILL');
  // A request on a connection to the worker that is gone may fail.
  const restarts = () => metric(url, 'worker_restarts_total').catch(() => new Map<string, number>());
  await until(async () => (await restarts()).get('{worker="1"}') === 1);

  // Read only now: the rest of a long text cannot have been sent before.
  const model = await loadModel(STORIES, { build: 'simd' });
  const options = { temperature: 0, ignoreEos: true, maxTokens: LONG.max_tokens };
  const { text: expected } = await model.generate(PROMPT, options);
  model.dispose();
  const ends = await Promise.all(
    streams.map(async (stream) => {
      let text = '';
      try {
        for await (const event of stream) {
          if (event === '[DONE]') break;
          if (event.includes(`"index":${LONG.n - 1},`)) text += JSON.parse(event).choices[0].text;
        }
      } catch {
        return 'broken';
      }
      return text;
    }),
  );
  const lost = ends.filter((each) => each === 'broken').length;
  assert.is(lost, before.get('{worker="1"}'));
  for (const text of ends) if (text !== 'broken') assert.is(text, expected);

  await until(async () => (await healthOf(url)).ready === 2);
  const pids = [await pidOf('1', killed), await pidOf('2')];
  const requests = await metric(url, 'requests_total');
  const ofStreams = '{route="/v1/completions",status="200",worker="2"}';
  assert.is(requests.get(ofStreams), streams.length - lost);
  assert.not.ok(requests.has(ofStreams.replace('"2"', '"1"')), 'the new process counts from zero');

  // Longer than what a pipe takes at once.
  const paths = Array.from({ length: 20 }, (_, i) => `/${String(i).padStart(2, '0').repeat(3000)}`);
  await Promise.all(paths.map(async (path) => (await fetch(`${url}${path}`)).text()));
  const last = eventsOf(await post(url, { ...LONG, n: 1, stream: true }));
  await last.next();
  child.kill('SIGTERM');
  // As service managers do. A worker without a stream may have ended already.
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch (error) {
      assert.is((error as NodeJS.ErrnoException).code, 'ESRCH');
    }
  }
  let event = '';
  for await (event of last);
  assert.is(event, '[DONE]');
  const { code, stderr } = await end;
  assert.is(code, 143, stderr.slice(-1000));
  const lines = stderr.trim().split('\n');
  assert.is(lines.filter((line) => line.startsWith('worker 1 ended with SIGKILL')).length, 1);
  const logged = lines.filter((line) => !line.startsWith('worker ')).map((line) => JSON.parse(line).path);
  assert.equal(logged.filter((path) => path.length > 1000).sort(), paths);
});

/** The child processes of a process. */
function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((child) => {
    try {
      // After the name, which is in parentheses: the state and the parent.
      return Number(readFileSync(`/proc/${child}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
}

const withProc = unless(existsSync('/proc/self/stat') ? undefined : 'the processes are not listed in /proc');

withProc('a worker that is killed while it is started again is started once more', async () => {
  const { child, end, url, pidOf } = await startWorkers(STORIES);
  const [first, other] = [await pidOf('1'), await pidOf('2')];
  process.kill(first, 'SIGKILL');
  let second: number | undefined;
  await until(() => {
    second = childrenOf(child.pid!).find((pid) => pid !== first && pid !== other);
    return second !== undefined;
  });
  process.kill(second!, 'SIGKILL');
  // A request on a connection to a process that is gone may fail.
  const restarts = () => metric(url, 'worker_restarts_total').catch(() => new Map<string, number>());
  await until(async () => (await restarts()).get('{worker="1"}') === 2);
  await until(async () => (await healthOf(url)).ready === 2);
  child.kill('SIGTERM');
  const { code, stderr } = await end;
  assert.is(code, 143, stderr);
  assert.is(stderr.match(/^worker 1 ended with SIGKILL/gm)?.length, 2, stderr);
});

test('a worker that cannot start ends the command with its message', () =>
  inFolder({}, async (folder) => {
    const missing = await run(['serve', '--workers', '3', '--port', '0', '--model', join(folder, 'none')]);
    assert.is(missing.code, 1);
    assert.is(missing.stdout, '');
    assert.is(missing.stderr.match(/there is no folder/g)?.length, 1, missing.stderr);

    const model = join(folder, 'model');
    cpSync(STORIES, model, { recursive: true });
    const { end, url, pidOf } = await startWorkers(model);
    rmSync(model, { recursive: true });
    process.kill(await pidOf('2'), 'SIGKILL');
    const { code, stderr } = await end;
    assert.is(code, 1);
    assert.match(
      stderr,
      /worker 2 ended with SIGKILL; it is started again in 0\.25 s\n(.*\n)*error: there is no /,
    );
    await fetch(`${url}/health`).then(
      () => assert.unreachable('nothing listens'),
      () => {},
    );
  }));

test.run();
