import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CLI, GUARD } from '../run.js';

/** A device of Linux that accepts no data, like a full disk. */
const FULL = '/dev/full';

function writeToFullDisk(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const full = openSync(FULL, 'w');
  const child = spawn(process.execPath, [...GUARD, CLI, ...args], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

for (const args of [
  ['generate', 'Once upon a time', '--max-tokens', '5'],
  ['generate', 'Once upon a time', '--max-tokens', '5', '--json'],
  ['tokenize', 'a text'],
  ['info', '--json'],
  ['score', 'asconfig.json'],
  ['--help'],
  ['--version'],
]) {
  const name = `${args[0]}${args.includes('--json') ? ' --json' : ''} with its output on a full disk says so and fails`;
  if (!existsSync(FULL)) {
    test.skip(`${name} (this system has no ${FULL})`);
    continue;
  }
  test(name, async () => {
    const { code, stderr } = await writeToFullDisk(args);
    assert.is(code, 1, stderr);
    assert.match(stderr, /error: the output cannot be written: the disk is full; free some space \(ENOSPC/);
    assert.not.match(stderr, /\n\s+at /);
  });
}

test.run();
