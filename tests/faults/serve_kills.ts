import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/files/folder/leftovers.js';
import { until } from '../support/until.js';
import type { Case, KindOptions } from './kinds.js';
import { startCommand } from './process.js';
import type { World } from './world.js';

const CLIENTS = 4;
/** The server is killed at the latest so long after it takes requests. */
const LATEST_MS = 1000;

/** Kills a server with two workers while users tell what they think of answers: all that was taken is kept. */
export function* serveKills(world: World, { count, random }: KindOptions): Generator<Case> {
  for (let i = 0; i < count; i++) {
    const ms = random() * LATEST_MS;
    yield {
      when: `serve, killed after ${Math.round(ms)} ms`,
      run: () => problemAfterKill(world, ms),
    };
  }
}

async function problemAfterKill(world: World, ms: number): Promise<string | undefined> {
  const cwd = world.newCase();
  mkdirSync(join(cwd, 'users'));
  const server = await startServer(world, cwd);
  const taken: string[] = [];
  let isKilled = false;
  const client = async (number: number) => {
    for (let i = 0; !isKilled; i++) {
      const completion = `answer ${number}-${i}`;
      if (await isTaken(server.url, completion)) taken.push(completion);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
  await new Promise((resolve) => setTimeout(resolve, ms));
  server.child.kill('SIGKILL');
  await server.end;
  isKilled = true;
  await Promise.all(clients);
  const pids = [...server.stderr().matchAll(/takes requests: process (\d+)/g)].map(([, pid]) => Number(pid));
  await until(() => !pids.some(isAlive));
  const again = await startServer(world, cwd);
  const isServed = await isTaken(again.url, 'the last');
  again.child.kill('SIGTERM');
  const { code } = await again.end;
  if (!isServed || code !== 143) return `the next server takes nothing, and ends with ${code}`;
  const kept = keptIn(join(cwd, 'users', 'ann', 'choices.jsonl'));
  const missing = [...taken, 'the last'].filter((completion) => !kept.has(completion));
  return missing.length > 0 ? `${missing.join(', ')} was taken, and is lost` : undefined;
}

async function startServer(world: World, cwd: string) {
  const args = ['serve', '--port', '0', '--workers', '2', '--users', 'users', '--model', world.at('model')];
  const { child, end } = startCommand(args, { cwd });
  let stderr = '';
  child.stderr!.on('data', (text: string) => {
    stderr += text;
  });
  const [address] = await once(child.stdout!, 'data');
  return { child, end, url: String(address).trim(), stderr: () => stderr };
}

/** Whether the server answers that it keeps what a user says. */
async function isTaken(url: string, completion: string): Promise<boolean> {
  const body = JSON.stringify({ user: 'ann', prompt: 'Once', completion, label: true });
  return fetch(`${url}/feedback`, { method: 'POST', body }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Throws for a line that is not whole. */
function keptIn(path: string): ReadonlySet<string> {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return new Set(lines.map((line) => JSON.parse(line).completion));
}
