// Many clients of all kinds at once: that every answer is right, that memory stays, and that the server says it is there.
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomStream } from '../../../build/js/src/base/random.js';
import { machine } from '../machine.mjs';
import { closeConnections, sendJson } from '../serving/client.mjs';
import { HealthProbe, healthOf } from '../serving/health.mjs';
import { ServerProcess } from '../serving/server_process.mjs';
import { wholeOf } from './answers.mjs';
import { badRequests, goodRequests } from './bodies.mjs';
import { runClient } from './clients.mjs';

export { print } from './report.mjs';

/** Memory is sampled so often in a run. */
const SAMPLES = 40;

export async function run({ clients = '200', minutes = '10', model, weights }) {
  const server = await ServerProcess.start({ model, weights });
  try {
    console.error('answers alone ...');
    const good = goodRequests();
    for (const request of good)
      request.alone = wholeOf(await sendJson(server.url, request.path, request.body));
    const result = await load(server, good, { clients: Number(clients), ms: 60_000 * Number(minutes) });
    if (result.wrong.length > 0) process.exitCode = 1;
    return {
      machine: machine([process.version]),
      model: model ?? 'the model in the package',
      weights,
      ...result,
    };
  } finally {
    closeConnections();
    await server.end();
  }
}

async function load(server, good, { clients, ms }) {
  const counts = {};
  const wrong = [];
  const seed = Date.now();
  const end = performance.now() + ms;
  const isOver = () => performance.now() >= end || !server.isRunning;
  const health = new HealthProbe(server.url);
  const bad = badRequests();
  console.error(`${clients} clients for ${ms / 60_000} minutes, seed ${seed} ...`);
  const running = Array.from({ length: clients }, (_, i) =>
    runClient(
      {
        ...{ url: server.url, random: new RandomStream(seed, i), good, bad, counts },
        wrong: (message) => {
          wrong.push(message);
          console.error(message.slice(0, 2000));
        },
      },
      isOver,
    ),
  );
  const memory = [];
  for (let i = 0; i < SAMPLES && !isOver(); i++) {
    await sleep(ms / SAMPLES);
    memory.push(server.usage()?.megabytes);
  }
  await Promise.all(running);
  if (!server.isRunning) wrong.push(`the server has ended: ${server.log}`);
  const answered = healthOf(await health.take());
  await health.end();
  await server.idle();
  return { clients, minutes: ms / 60_000, counts, wrong, health: answered, memory, log: server.log };
}
