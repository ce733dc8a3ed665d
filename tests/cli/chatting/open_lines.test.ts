import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHistory } from '../../../src/cli/chatting/history.js';
import { openLines } from '../../../src/cli/chatting/open_lines.js';
import { inFolder } from '../../support/in_folder.js';

/** Streams that are terminals or not, and what was written to them. */
function streams(terminals: { stdin: boolean; stdout: boolean }) {
  const screen = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY });
    const shown: string[] = [];
    stream.setEncoding('utf8').on('data', (text: string) => shown.push(text));
    return Object.assign(stream, { shown });
  };
  const stdin = Object.assign(new PassThrough(), { isTTY: terminals.stdin });
  return { stdin, stdout: screen(terminals.stdout), stderr: screen(true) };
}

/** Runs with these variables of the environment. */
async function withEnvironment(variables: Record<string, string | undefined>, use: () => Promise<void>) {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  try {
    await use();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

test("a person's lines are kept for the next chat, unless that is not wanted", () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'data', 'chat_history');
    const chat = async (keys: string, history: string | undefined) => {
      const { stdin, stdout, stderr } = streams({ stdin: true, stdout: true });
      const { lines, prompt, close } = await openLines({ stdin, stdout, stderr }, history);
      const read = lines.read(prompt);
      stdin.write(keys);
      const line = await read;
      await close();
      return line;
    };
    assert.is(await chat('one\r', undefined), 'one');
    assert.not.ok(existsSync(path));
    await chat('one\r', path);
    await chat('two\r', path);
    assert.equal(await readHistory(path), ['two', 'one']);
    const up = '\u001b[A';
    assert.is(await chat(`${up}${up}!\r`, path), 'one!');
    assert.is(await chat(`${up}?\r`, undefined), '?');
    assert.equal(await readHistory(path), ['one!', 'two', 'one']);
    writeFileSync(path, Buffer.from([0xff, 0x0a, 0x1b, 0x0a]));
    assert.is(await chat('after\r', path), 'after');
  }));

test('lines are kept while a chat goes on, since its process may be ended', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'chat_history');
    const { stdin, stdout, stderr } = streams({ stdin: true, stdout: true });
    const { lines, prompt, keep, close } = await openLines({ stdin, stdout, stderr }, path);
    await keep();
    assert.not.ok(existsSync(path));
    const read = lines.read(prompt);
    stdin.write('one\r');
    await read;
    await keep();
    assert.equal(await readHistory(path), ['one']);
    await close();
  }));

test('prompts are where the person sees them, in bold unless NO_COLOR forbids it; programs see none', async () => {
  const promptOf = async (terminals: { stdin: boolean; stdout: boolean }) => {
    const all = streams(terminals);
    const { lines, prompt, close } = await openLines(all, undefined);
    const read = lines.read(prompt);
    all.stdin.end('a\r\n');
    assert.is(await read, 'a');
    await close();
    return [all.stdout, all.stderr].map(({ shown }) => shown.join('').includes(prompt || 'any'));
  };
  const bold = { NO_COLOR: undefined, TERM: 'xterm' };
  await withEnvironment(bold, async () => {
    assert.equal(await promptOf({ stdin: true, stdout: true }), [true, false]);
    assert.equal(await promptOf({ stdin: true, stdout: false }), [false, true]);
    assert.equal(await promptOf({ stdin: false, stdout: true }), [false, false]);
    const { prompt } = await openLines(streams({ stdin: true, stdout: true }), undefined);
    assert.is(prompt, '\u001b[1m> \u001b[0m');
  });
  for (const plain of [
    { ...bold, NO_COLOR: '1' },
    { ...bold, TERM: 'dumb' },
  ]) {
    await withEnvironment(plain, async () => {
      const { prompt, close } = await openLines(streams({ stdin: true, stdout: true }), undefined);
      assert.is(prompt, '> ');
      await close();
    });
  }
});

test.run();
