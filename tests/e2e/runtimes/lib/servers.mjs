import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tellAnswers } from '../story/story.mjs';
import { inputFile } from './app.mjs';
import { startEdge } from './edge.mjs';
import { PROGRAMS, settingsOf, versionOf } from './programs.mjs';

const execute = promisify(execFile);
const SERVERS = { Deno: 'Deno.serve', Bun: 'Bun.serve' };

/** The handler of gpt2-wasm/server in every runtime, behind the runtime's own server if it has one. */
export async function runServers(report) {
  for (const { runtime, file, args } of PROGRAMS) {
    const version = await versionOf(file);
    const where = SERVERS[runtime] ?? 'handler';
    if (version === undefined) report({ runtime, where, problem: `${file} is not here` });
    else {
      const only = ['answers'];
      await report({ runtime, version, where, build: 'simd', only }, async (input) => {
        const { stdout } = await execute(file, [...args, 'served.mjs', inputFile(input)], settingsOf());
        return JSON.parse(stdout);
      });
    }
  }
  const { version } = await import('workerd');
  const edge = await startEdge('edge_server.mjs', { durableObjects: { STORIES: 'Stories' } });
  try {
    const cell = { runtime: 'workerd', version, where: 'Durable Object', build: 'simd', only: ['answers'] };
    await report(cell, (input) =>
      tellAnswers((path, init) => edge.dispatchFetch(`http://localhost${path}`, init), input),
    );
  } finally {
    await edge.dispose();
  }
}
