import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectModel, loadModel } from '../../../src/index.js';
import { writeAdapter } from '../../../src/train.js';
import { randomAdapter } from '../../support/adapters.js';
import { writeFiles } from '../../support/in_folder.js';
import { memoryTarget } from '../../support/memory_target.js';
import { outcome, run, start } from '../run.js';

const MODEL = 'tests/fixtures/stories-tiny';
const CHAT = ['chat', '--model', MODEL, '--max-tokens', '8', '--build', 'simd', '--quiet'];
const data = mkdtempSync(join(tmpdir(), 'gpt2-wasm-chat-'));
const { XDG_DATA_HOME } = process.env;
process.env.XDG_DATA_HOME = data;
test.after(() => {
  if (XDG_DATA_HOME === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = XDG_DATA_HOME;
  rmSync(data, { recursive: true });
});
const folderOf = (user: string) => join(data, 'gpt2-wasm', 'users', user);

/** The answers of a chat with `--json`. */
async function answers(args: readonly string[], lines: string) {
  const { code, stdout, stderr } = await run([...CHAT, '--json', ...args], lines);
  assert.equal([code, stderr], [0, '']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
const texts = (given: readonly { message: { content: string } }[]) =>
  given.map(({ message }) => message.content);

test("a user's dialogue goes on as if it had not been left, and evaluates only what is new", async () => {
  const whole = await answers(['--system', 'Be kind.', '--seed', '4'], 'Hello\n/retry\nWho?\nMore\n/retry\n');
  const begun = await answers(
    ['--system', 'Be kind.', '--seed', '4', '--user', 'ann'],
    'Hello\n/retry\nWho?\n',
  );
  const rest = await answers(['--user', 'ann'], 'More\n/retry\n');
  assert.equal([...texts(begun), ...texts(rest)], texts(whole));
  for (const { usage } of rest) {
    assert.ok(usage.cachedPromptTokens >= begun[2].usage.promptTokens, JSON.stringify(usage));
  }
  assert.equal(
    whole.map(({ seed }) => seed),
    [4, 5, 4, 4, 5],
  );
  // Without keys and values, it is evaluated again with the same result.
  const path = join(folderOf('ann'), 'session.bin');
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  const [again] = await answers(['--user', 'ann'], '/retry\n');
  assert.equal([again.seed, again.usage.cachedPromptTokens], [6, 0]);
});

test("a user's adapter is used, and what is kept of users is listed and deleted", async () => {
  const { config } = await inspectModel(MODEL);
  const target = memoryTarget();
  await writeAdapter(target, randomAdapter(config, 1, 2, ['attn.c_attn']), MODEL);
  writeFiles(join(folderOf('bob'), 'adapter'), target.files);
  const [answer] = await answers(['--user', 'bob', '--temperature', '0'], 'Hello\n');
  const model = await loadModel(MODEL, { build: 'simd', adapters: [join(folderOf('bob'), 'adapter')] });
  const options = { maxTokens: 8, temperature: 0, stop: ['\nUser:'] };
  const { text } = await model.generate('User: Hello\nAssistant:', options);
  model.dispose();
  assert.is(answer.message.content, text.trim());
  const without = ['--user', 'bob', '--temperature', '0', '--no-user-adapter'];
  const judged = await run([...CHAT, '--json', ...without], '/reset\nHello\n/good\n/retry\n');
  const [plain] = await answers(['--temperature', '0'], 'Hello\n');
  assert.equal(
    texts(
      judged.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
    Array(2).fill(plain.message.content),
  );
  assert.match(judged.stderr, 'kept: the answer is good');
  const kept = readFileSync(join(folderOf('bob'), 'choices.jsonl'), 'utf8');
  const { time, ...choice } = JSON.parse(kept);
  assert.equal(choice, {
    prompt: [{ role: 'user', content: 'Hello' }],
    completion: [{ role: 'assistant', content: plain.message.content }],
    ...{ label: true, model: MODEL },
  });

  const { stdout } = await run(['chat', '--users']);
  assert.match(stdout, new RegExp(`^bob {2}adapter {2}.*${folderOf('bob')}$`, 'm'));
  const asked = await run(['chat', '--forget', 'bob']);
  assert.equal([asked.code, existsSync(folderOf('bob'))], [2, true]);
  assert.match(asked.stderr, 'give --yes to delete');
  const forgotten = await run(['chat', '--forget', 'bob', '--yes']);
  assert.equal([forgotten.code, existsSync(folderOf('bob'))], [0, false]);
});

test('answers are on stdout and all else on stderr; what is wrong changes the exit code', async () => {
  const { code, stdout, stderr } = await run(
    [...CHAT, '--temperature', '0'],
    'Hello\n/foo\n\nHello\n/exit\nno',
  );
  const model = await loadModel(MODEL, { build: 'simd' });
  const { text } = await model.generate('User: Hello\nAssistant:', {
    ...{ maxTokens: 8, temperature: 0, stop: ['\nUser:'] },
  });
  model.dispose();
  assert.ok(stdout.startsWith(`${text.trim()}`), stdout);
  assert.is(code, 1);
  assert.match(stderr, /^error: there is no \/foo; there are \/help, .*\n$/);
  const outside = await run(['chat', '--user', '../ann'], 'a');
  assert.is(outside.code, 2);
  assert.match(outside.stderr, /^error: --user is "\.\.\/ann"; it must be up to 48 letters/);
  const wrong = await run(['chat', '--top-p', '3'], 'a');
  assert.equal([wrong.code, wrong.stdout], [2, '']);
});

test('SIGTERM ends a chat that waits, and keeps the dialogue', async () => {
  const child = start([...CHAT, '--user', 'carl']);
  const end = outcome(child);
  child.stdin.write('Hello\n');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const { code } = await end;
  assert.is(code, 143);
  const { exchanges } = JSON.parse(readFileSync(join(folderOf('carl'), 'dialogue.json'), 'utf8'));
  assert.is(exchanges[0].user, 'Hello');
});

test.run();
