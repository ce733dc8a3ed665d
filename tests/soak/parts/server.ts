// `serve` with more models than its memory holds, adapters, and more users than it keeps.

import { mkdirSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeOf } from '../../../bench/lib/load/answers.mjs';
import { badRequests, goodRequests, type LoadRequest } from '../../../bench/lib/load/bodies.mjs';
import { clientAct, type GoodRequest } from '../../../bench/lib/load/clients.mjs';
import { closeConnections, sendJson } from '../../../bench/lib/serving/client.mjs';
import { ServerProcess } from '../../../bench/lib/serving/server_process.mjs';
import { randomSource } from '../../support/random.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { type Act, doOne, type Part, type Random } from '../part.js';
import { PROBE_FLAGS, probed, readProcess } from '../readings/node_process.js';
import { loadModel } from './built.js';
import { writeRandomAdapter } from './random_adapters.js';

const STORIES = fileURLToPath(new URL('../../../models/stories/stories.gguf', import.meta.url));
const TINY = fileURLToPath(storiesTiny);
const USERS = ['ann', 'ben', 'cid', 'dee'];
const SERVED = ['stories', 'tiny', 'again', 'poems'];
const CLIENTS = 6;
/** Characters of the server's log that are shown beside a wrong answer. */
const LOG_END = 1000;

export async function start(folder: string): Promise<Part> {
  const users = join(folder, 'users');
  const stories = await loadModel(STORIES, { build: 'simd' });
  const { config } = stories;
  stories.dispose();
  const poems = await writeRandomAdapter(folder, 'poems', config, 1);
  for (const [number, user] of USERS.entries()) {
    mkdirSync(join(users, user), { recursive: true });
    await writeRandomAdapter(join(users, user), 'adapter', config, 2 + number);
  }
  const server = await ServerProcess.start({
    flags: PROBE_FLAGS,
    isProbed: true,
    serveFlags: [
      ...['--model', `stories=${STORIES}`, '--model', `tiny=${TINY}`, '--model', `again=${STORIES}`],
      ...['--adapter', `poems=${poems}`, '--users', users, '--limit', 'users=2', '--max-memory', '80'],
    ],
  });
  try {
    return await partOf(server, users);
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function partOf(server: ServerProcess, users: string): Promise<Part> {
  const random = randomSource(5);
  const requests = goodRequests().map((request) => ({ ...request, body: bodyFor(request, random) }));
  const good: GoodRequest[] = [];
  // Model by model, since few fit into its memory.
  for (const model of SERVED) {
    for (const request of requests.filter(({ body }) => body.model === model)) {
      const alone = wholeOf(await sendJson(server.url, request.path, request.body));
      good.push({ ...request, alone });
    }
  }
  const bad = badRequests();
  const acts: readonly Act[] = [
    [1, 'relearns', ({ pick }) => rewrite(join(users, pick(USERS), 'adapter', 'adapter_config.json'))],
    [1, 'feedback', ({ pick }) => feedback(server.url, pick(USERS))],
    [
      1,
      'asks',
      ({ pick }) => asks(server.url, pick(['/metrics', '/v1/models', '/health', '/tokenizer_info'])),
    ],
  ];
  return {
    lanes: CLIENTS,
    async act(source) {
      if (!server.isRunning) throw new Error(`the server has ended: ${server.log}`);
      if (source.uniform() < 0.05) return doOne(acts, source);
      const wrong: string[] = [];
      const name = await clientAct({
        ...{ url: server.url, random: { next: source.uniform }, good, bad },
        wrong: (message) => wrong.push(message),
      });
      if (wrong.length > 0) throw new Error([...wrong, server.log.slice(-LOG_END)].join('\n'));
      return name;
    },
    async read() {
      // Connections that wait for a next request are no leak of the server.
      closeConnections();
      await server.idle();
      return readProcess(server.child.pid!, () => probed(server.child));
    },
    seconds: () => server.usage()?.seconds ?? 0,
    async end() {
      closeConnections();
      await server.end();
    },
  };
}

/** The body of a request with a model and, sometimes, a user. */
function bodyFor({ path, body }: LoadRequest, { pick, uniform }: Random) {
  const hasUser = path.startsWith('/v1/') && path.includes('completions') && uniform() < 0.4;
  return { ...body, model: pick(SERVED), ...(hasUser && { user: pick(USERS) }) };
}

/** The same bytes, as if more had been learned: the server reads the adapter again. */
async function rewrite(path: string): Promise<void> {
  const changed = `${path}.${process.hrtime.bigint()}`;
  await writeFile(changed, await readFile(path));
  await rename(changed, path);
}

async function feedback(url: string, user: string): Promise<void> {
  await sendJson(url, '/v1/feedback', { user, prompt: 'Once', chosen: ' upon', rejected: ' more' });
}

async function asks(url: string, path: string): Promise<void> {
  const answer = await fetch(url + path);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  await answer.text();
}
