import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Choice } from '../../../src/cli/users/choice_line.js';
import { Users } from '../../../src/cli/users/users.js';
import { loadModel, loadTokenizer } from '../../../src/index.js';
import { PreferenceTrainer, type PreferenceTrainerOptions } from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const data = mkdtempSync(join(tmpdir(), 'gpt2-wasm-finetune-user-'));
const { XDG_DATA_HOME } = process.env;
process.env.XDG_DATA_HOME = data;
test.after(() => {
  if (XDG_DATA_HOME === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = XDG_DATA_HOME;
  rmSync(data, { recursive: true });
});
const users = new Users(join(data, 'gpt2-wasm', 'users'));

const MODEL = fileURLToPath(storiesTiny);
const SETTINGS = { steps: 4, learningRate: 0.02, validation: 0, build: 'simd', threads: 1 } as const;
const LEARN = [
  ...['finetune', '--task', 'preference', '--model', MODEL, '--steps', '4', '--learning-rate', '0.02'],
  ...['--validation', '0', '--build', 'simd', '--threads', '1', '--quiet'],
];
const messages = (content: string) => [{ role: 'user', content }];

/** The adapter that a program trains on the same data. */
async function expected(options: Partial<PreferenceTrainerOptions>) {
  const trainer = await PreferenceTrainer.create({
    ...SETTINGS,
    model: MODEL,
    lora: {},
    data: [],
    ...options,
  });
  for await (const _ of trainer);
  const target = memoryTarget();
  await trainer.save(target);
  trainer.dispose();
  return target.files['adapter_model.safetensors'];
}

test("a user's pairs become the adapter with which the user's chats go on", async () => {
  const ann = await users.get('ann');
  const pairs: Choice[] = [
    { prompt: messages('Hello'), chosen: 'The cat was happy.', rejected: 'No' },
    { prompt: 'The dog', chosen: ' ran', rejected: ' slept' },
  ];
  await ann.choices.add(pairs);
  const chat = [
    'chat',
    '--model',
    MODEL,
    '--user',
    'ann',
    '--temperature',
    '0',
    '--max-tokens',
    '8',
    '--build',
    'simd',
  ];
  const { code, stderr } = await run([...LEARN, '--user', 'ann']);
  assert.equal([code, stderr], [0, '']);
  const { encode } = await loadTokenizer(MODEL).then((tokenizer) => ({
    encode: (text: string) => tokenizer.encode(text),
  }));
  const learned = await expected({
    data: [
      {
        prompt: encode('User: Hello\nAssistant:'),
        chosen: encode(' The cat was happy.'),
        rejected: encode(' No'),
      },
      { prompt: encode('The dog'), chosen: encode(' ran'), rejected: encode(' slept') },
    ],
  });
  assert.equal(
    readFileSync(join(ann.adapter, 'adapter_model.safetensors')),
    Buffer.from(learned as Uint8Array),
  );

  const answer = await run([...chat, '--quiet'], 'Hello\n');
  const model = await loadModel(MODEL, { build: 'simd', adapters: [ann.adapter] });
  const options = { maxTokens: 8, temperature: 0, stop: ['\nUser:'] };
  const { text } = await model.generate('User: Hello\nAssistant:', options);
  model.dispose();
  assert.is(answer.stdout.trim(), text.trim());

  const again = await run([...LEARN, '--user', 'ann']);
  assert.is(again.code, 2);
  assert.match(again.stderr, 'has an adapter already; --force overwrites it');
});

test('thumbs are learned by kto, beside preferences of files', async () => {
  const bob = await users.get('bob');
  await bob.choices.add([
    { prompt: messages('Hello'), completion: ' Hi ', label: true },
    { prompt: messages('Bye'), completion: 'No', label: false },
  ]);
  const dpo = await run([...LEARN, '--user', 'bob', '--loss', 'dpo']);
  assert.is(dpo.code, 2);
  assert.match(dpo.stderr, 'error: bob has no pairs of answers, only thumbs, which --loss kto learns');
  assert.not.ok(existsSync(bob.adapter));
  const out = join(data, 'elsewhere');
  const lines = '{"prompt":"The dog","chosen":" ran","rejected":" slept"}\n';
  const { code, stderr } = await run([...LEARN, '-', '--user', 'bob', '--rank', '2', '--out', out], lines);
  assert.equal([code, stderr], [0, '']);
  const tokenizer = await loadTokenizer(MODEL);
  const learned = await expected({
    ...{ loss: 'kto', lora: { rank: 2 } },
    data: [
      { prompt: 'The dog', chosen: ' ran', rejected: ' slept' },
      {
        prompt: tokenizer.encode('User: Hello\nAssistant:'),
        completion: tokenizer.encode(' Hi'),
        label: true,
      },
      {
        prompt: tokenizer.encode('User: Bye\nAssistant:'),
        completion: tokenizer.encode(' No'),
        label: false,
      },
    ],
  });
  assert.equal(readFileSync(join(out, 'adapter_model.safetensors')), Buffer.from(learned as Uint8Array));
});

test('who has no choices, or gives neither data nor a user, learns why nothing is learned', async () => {
  for (const [args, words] of [
    [['--task', 'preference', '--user', 'carl'], 'there are no choices of carl; /good, /bad and /prefer'],
    [['--task', 'preference', '--user', '../ann'], '--user is "../ann"; it must be up to 48 letters'],
    [['--user', 'ann'], '--user does not apply to --task text'],
    [['--task', 'preference', '--out', 'x'], "missing required argument 'data'"],
    [['x.jsonl'], "required option '--out <dir>' not specified"],
  ] as const) {
    const { code, stderr } = await run(['finetune', ...args]);
    assert.is(code, 2, stderr);
    assert.ok(stderr.startsWith(`error: ${words}`), stderr);
  }
});

test.run();
