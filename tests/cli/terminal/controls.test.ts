import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TextOutput, writeJson } from '../../../src/cli/terminal/output.js';
import { reportProgress } from '../../../src/cli/terminal/progress/file_progress.js';
import { TrainProgress } from '../../../src/cli/terminal/progress/train_progress.js';
import { run } from '../run.js';

/** Clears a terminal and sets its title; the last is one character that begins a sequence too. */
const HOSTILE = 'a\u001b[2J\u001b]0;b\u0007\u009b2J';
const CONTROL = /(?!\n)\p{Cc}/u;

/** Everything that `work` writes to stdout, which is a terminal or not. */
async function written(isTTY: boolean, work: () => Promise<void>): Promise<string> {
  const { stdout } = process;
  const before = { write: stdout.write, isTTY: stdout.isTTY };
  let all = '';
  const write = (text: string, done?: () => void) => {
    all += text;
    done?.();
    return true;
  };
  Object.assign(stdout, { write, isTTY });
  try {
    await work();
  } finally {
    Object.assign(stdout, before);
  }
  return all;
}

test('messages repeat arguments and names of files without what a terminal would obey', async () => {
  const calls = [
    ['generate', '--max-tokens', HOSTILE, 'x'],
    ['generate', `--${HOSTILE}`, 'x'],
    ['generate', '--grammar', HOSTILE, 'x'],
    ['generate', 'x', HOSTILE],
    [HOSTILE],
    ['help', HOSTILE],
    ['info', HOSTILE],
    ['score', HOSTILE],
    ['serve', '--model', HOSTILE],
  ];
  for (const args of calls) {
    const { code, stderr } = await run(args);
    assert.ok(code === 1 || code === 2, args[0]);
    assert.ok(stderr.includes('[2J'), stderr);
    assert.not.match(stderr, CONTROL);
  }
});

test('a terminal gets results without control characters, other readers get them as they are', async () => {
  const text = () => new TextOutput().write(HOSTILE);
  assert.not.match(await written(true, text), CONTROL);
  assert.is(await written(false, text), HOSTILE);
  const json = await written(true, () => writeJson(HOSTILE));
  assert.not.match(json, CONTROL);
  assert.is(JSON.parse(json), HOSTILE);
});

test('progress names files, and shows samples, without control characters', () => {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (line: string | Uint8Array) => lines.push(String(line)) > 0 };
  let time = 0;
  const progress = reportProgress(stream, 'loading', { now: () => time });
  time = 10_000;
  progress.update({ loaded: 1, total: 2, file: `${HOSTILE}\n` });
  new TrainProgress(stream, 1).note(HOSTILE);
  assert.is(lines.length, 2);
  for (const line of lines) assert.not.match(line.trimEnd(), CONTROL);
  assert.is(lines[0]!.trimEnd().split('\n').length, 1);
});

test.run();
