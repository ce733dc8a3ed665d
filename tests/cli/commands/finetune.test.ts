import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel } from '../../../src/files/folder/embedded_models.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { tinyModel } from '../../support/tiny_model.js';
import { SMALL_MERGES, smallVocab } from '../../tokenizer/helpers.js';
import { type Outcome, outcome, run, start } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-finetune-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const data = join(folder, 'data.txt');
const story = (i: number) => `The ${['fox', 'owl', 'bear'][i % 3]} sat by the ${['river', 'tree'][i % 2]}.`;
writeFileSync(data, Array.from({ length: 60 }, (_, i) => story(i * 7 + (i >> 2))).join('\n<|endoftext|>\n'));

/** A small model: training takes a tenth of the time that the model of the package takes. */
const SMALL = ['--model', fileURLToPath(storiesTiny)];
/** Options of a run whose result has the same bits wherever it is stopped. */
const RUN = [
  ...[
    'finetune',
    data,
    ...SMALL,
    '--steps',
    '30',
    '--batch-size',
    '2',
    '--context-length',
    '24',
    '--dropout',
    '0.1',
  ],
  ...['--validation', '0.2', '--evaluate-every', '10', '--build', 'simd', '--threads', '1', '--json'],
  ...['--learning-rate', '3e-3', '--checkpoint-every', '5'],
];

interface Line {
  readonly step?: number;
  readonly loss?: number;
  readonly validationLoss?: number;
  readonly sample?: string;
  readonly out?: string;
  readonly files?: number;
  readonly skipped?: readonly string[];
  readonly data?: { training: { documents: number; tokens: number }; validation: { documents: number } };
}

const linesOf = (stdout: string): Line[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** Losses by step. */
const lossesOf = (lines: readonly Line[]) => new Map(lines.map(({ step, loss }) => [step, loss]));

/** Starts a run and sends it a signal once it has printed step 13. */
async function endAtStep13(args: readonly string[], signal: NodeJS.Signals): Promise<Outcome> {
  const child = start(args);
  const end = outcome(child);
  let seen = '';
  child.stdout.on('data', (text: string) => {
    seen += text;
    // A second signal would end the process at once.
    if (!child.killed && seen.includes('"step":13,')) child.kill(signal);
  });
  const ended = await end;
  assert.match(seen, '"step":13,', ended.stderr);
  return ended;
}

const whole = join(folder, 'whole');
let wanted: Map<number | undefined, number | undefined>;

test('a fine-tune lowers held-out perplexity, and its model opens', async () => {
  const { code, stdout, stderr } = await run([
    ...RUN,
    '--out',
    whole,
    '--sample-every',
    '15',
    '--prompt',
    'The',
  ]);
  assert.is(code, 0, stderr);
  const lines = linesOf(stdout);
  wanted = lossesOf(lines.filter((line) => line.loss !== undefined && line.out === undefined));
  assert.equal(
    [...wanted.keys()],
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  const held = lines.filter(({ step, validationLoss }) => step && validationLoss !== undefined);
  assert.equal(
    held.map(({ step }) => step),
    [10, 20, 30],
  );
  assert.ok(held[2]!.validationLoss! < wanted.get(1)! - 1);
  assert.is(lines.filter(({ sample }) => sample !== undefined).length, 2);
  assert.is(lines.at(-1)!.validationLoss, held[2]!.validationLoss);
  assert.match(stderr, 'validation loss');
  const { files, skipped, data } = lines.at(-1)!;
  assert.equal([files, skipped, data!.training.documents, data!.validation.documents], [1, [], 48, 12]);
  const tokens = data!.training.tokens.toLocaleString('en-US');
  assert.match(
    stderr,
    `read 1 file; to learn from: 48 documents, ${tokens} tokens; held out: 12 documents, `,
  );
  assert.match(stderr, '⣀⡠⠔ training');
  assert.equal(readdirSync(whole).sort(), [
    ...['config.json', 'loss.svg', 'merges.txt', 'model.safetensors'],
    ...['tokenizer.json', 'tokenizer_config.json', 'vocab.json'],
  ]);
  assert.match(readFileSync(join(whole, 'loss.svg'), 'utf8'), '<svg');
  const text = await run([
    'generate',
    '--model',
    whole,
    '--temperature',
    '0',
    '--max-tokens',
    '12',
    'The fox sat',
  ]);
  assert.is(text.code, 0, text.stderr);
  assert.match(text.stdout, 'by the');
});

test('the model of the package is the one that learns if none is named', async () => {
  const out = join(folder, 'of-package');
  const few = ['--steps', '6', '--batch-size', '2', '--context-length', '24', '--learning-rate', '5e-4'];
  const { code, stdout, stderr } = await run(['finetune', data, ...few, '--json', '--out', out]);
  assert.is(code, 0, stderr);
  const losses = lossesOf(linesOf(stdout));
  assert.ok(losses.get(6)! < losses.get(1)! - 1, JSON.stringify([...losses]));
  const [learned, packaged] = await Promise.all(
    [[out], []].map(async (model) => JSON.parse((await run(['info', '--json', ...model])).stdout)),
  );
  assert.equal(learned.config, packaged.config);
});

test('a folder says which of its files are skipped, and one step is one', async () => {
  const notes = join(folder, 'notes');
  mkdirSync(notes);
  writeFileSync(join(notes, 'a.md'), 'The fox sat by the tree.\n<|endoftext|>\nThe owl sat by the river.\n');
  writeFileSync(join(notes, 'photo.png'), 'no text');
  const out = join(folder, 'one');
  const { code, stderr } = await run([
    'finetune',
    notes,
    '--steps',
    '1',
    '--context-length',
    '8',
    '--out',
    out,
  ]);
  assert.is(code, 0, stderr);
  assert.match(stderr, `skipped ${join(notes, 'photo.png')}: their names`);
  assert.match(stderr, 'read 1 file; to learn from: 1 document, ');
  assert.match(stderr, 'trained for 1 step in');
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test(`a run that ${signal} ends goes on with the same bits`, async () => {
    const out = join(folder, signal);
    const args = [...RUN, '--out', out];
    const stopped = await endAtStep13(args, signal);
    if (signal === 'SIGINT') {
      assert.is(stopped.code, 130, stopped.stderr);
      assert.match(stopped.stderr, '--resume continues');
    }
    assert.not.ok(existsSync(join(out, 'config.json')));

    const refused = await run(args);
    assert.is(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, 'resume');

    const resumed = await run([...args, '--resume']);
    assert.is(resumed.code, 0, resumed.stderr);
    const before = lossesOf(linesOf(stopped.stdout.replace(/[^\n]*$/, '')));
    const after = lossesOf(linesOf(resumed.stdout).filter(({ out }) => out === undefined));
    const first = Math.min(...([...after.keys()] as number[]));
    const last = Math.max(...([...before.keys()] as number[]));
    assert.ok(first > last - 5 && first <= last + 2, `${first} after ${last}`);
    for (const losses of [before, after])
      for (const [step, loss] of losses) assert.is(loss, wanted.get(step));
    assert.equal(readdirSync(out), readdirSync(whole));
    for (const file of ['model.safetensors', 'config.json']) {
      assert.ok(readFileSync(join(out, file)).equals(readFileSync(join(whole, file))), file);
    }
  });
}

test('a run that diverges says at which step, ends with 1 and replaces nothing', async () => {
  const rate = ['--learning-rate', '1e30'];
  const good = join(folder, 'good');
  cpSync(whole, good, { recursive: true });
  const before = readFileSync(join(good, 'model.safetensors'));
  const replacing = await run([...RUN, ...rate, '--force', '--out', good]);
  assert.is(replacing.code, 1, replacing.stderr);
  assert.match(replacing.stderr, /error: the loss of step 2 is (NaN|-?Infinity): the run has diverged/);
  for (const line of linesOf(replacing.stdout)) assert.ok(Number.isFinite(line.loss), JSON.stringify(line));
  assert.ok(readFileSync(join(good, 'model.safetensors')).equals(before));
  assert.not.ok(existsSync(join(good, 'checkpoints')));

  const out = join(folder, 'diverged');
  await endAtStep13([...RUN, '--out', out], 'SIGKILL');
  const [kept] = readdirSync(join(out, 'checkpoints')).filter((name) => /^step-\d+$/.test(name));
  const resumed = await run([...RUN, ...rate, '--resume', '--out', out]);
  assert.is(resumed.code, 1, resumed.stderr);
  assert.match(resumed.stderr, 'the run has diverged');
  assert.match(resumed.stderr, `${kept} is kept; --resume continues from it`);
  assert.not.ok(existsSync(join(out, 'config.json')));
  const again = await run([...RUN, '--resume', '--out', out]);
  assert.is(again.code, 0, again.stderr);
  assert.ok(readFileSync(join(out, 'model.safetensors')).equals(before));
});

test('an adapter is trained, goes on after a kill with the same bits, and runs, merged or beside others', async () => {
  const args = [
    ...RUN,
    '--lora',
    '--rank',
    '3',
    '--alpha',
    '5',
    '--targets',
    'c_attn,mlp.c_proj',
    '--learning-rate',
    '2e-2',
  ];
  const out = join(folder, 'adapter');
  const { code, stdout, stderr } = await run([
    ...args,
    '--out',
    out,
    '--sample-every',
    '15',
    '--prompt',
    'The',
  ]);
  assert.is(code, 0, stderr);
  const losses = lossesOf(
    linesOf(stdout).filter((line) => line.loss !== undefined && line.out === undefined),
  );
  assert.is(losses.get(1), wanted.get(1), 'an adapter begins as the model');
  assert.ok(losses.get(30)! < losses.get(1)! - 1);
  assert.equal(readdirSync(out).sort(), ['adapter_config.json', 'adapter_model.safetensors', 'loss.svg']);
  const config = JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'));
  assert.equal([config.r, config.lora_alpha, config.target_modules], [3, 5, ['attn.c_attn', 'mlp.c_proj']]);

  const killed = join(folder, 'killed-adapter');
  await endAtStep13([...args, '--out', killed], 'SIGKILL');
  const other = await run([...args, '--out', killed, '--resume', '--rank', '4']);
  assert.is(other.code, 2, other.stderr);
  assert.match(other.stderr, 'rank');
  const resumed = await run([...args, '--out', killed, '--resume']);
  assert.is(resumed.code, 0, resumed.stderr);
  for (const file of ['adapter_model.safetensors', 'adapter_config.json']) {
    assert.ok(readFileSync(join(killed, file)).equals(readFileSync(join(out, file))), file);
  }
  const again = await run([...args, '--out', out]);
  assert.is(again.code, 2, again.stderr);
  assert.match(again.stderr, 'an adapter already');

  const further = ['--adapter', out, '--steps', '1', '--out', join(folder, 'further')];
  const onTop = await run([...args, ...further]);
  assert.is(onTop.code, 0, onTop.stderr);
  const [onTopLoss] = lossesOf(linesOf(onTop.stdout).filter((line) => line.loss !== undefined)).values();
  assert.ok(onTopLoss! < losses.get(1)! - 1, 'it begins where the adapter left off');

  const finished = await run([...args, '--out', out, '--resume']);
  assert.is(finished.code, 2, 'there is nothing to resume, and what is there stays');
  assert.match(finished.stderr, 'an adapter already');

  const options = [
    ...['--temperature', '0', '--max-tokens', '12', '--build', 'simd', '--threads', '1', '--quiet'],
    ...['--weights', 'f32'],
  ];
  const generate = async (more: readonly string[], model: readonly string[] = SMALL) => {
    const text = await run(['generate', ...model, ...options, ...more, 'The fox sat']);
    assert.is(text.code, 0, text.stderr);
    return text.stdout;
  };
  const plain = await generate([]);
  const adapted = await generate(['--adapter', out]);
  assert.match(adapted, 'by the');
  assert.is.not(adapted, plain);
  assert.is(await generate(['--adapter', `${out}:0.25`, '--adapter', `${out}:.75`]), adapted);
  assert.is(await generate(['--adapter', `${out}:1`, '--adapter', `${out}:-1e0`]), plain);

  const [, model] = SMALL;
  const file = join(out, 'merged.gguf');
  const converted = await run(['convert', model!, file, '--weights', 'f16', '--adapter', out, '--quiet']);
  assert.is(converted.code, 0, converted.stderr);
  assert.is(await generate([], ['--model', file]), adapted);
  rmSync(file);
  const wrong = await run(['generate', '--adapter', fileURLToPath(embeddedModel), 'The fox sat']);
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, 'adapter_config.json');
});

test('a tokenizer and a config that disagree are told before training', async () => {
  const model = join(folder, 'disagreeing');
  mkdirSync(model);
  const files = {
    ...tinyModel(261, { config: { eos_token_id: 259 } }),
    'vocab.json': JSON.stringify(smallVocab()),
    'merges.txt': SMALL_MERGES.join('\n'),
    'added_tokens.json': JSON.stringify({ '</s>': 260 }),
    'special_tokens_map.json': JSON.stringify({ eos_token: '</s>' }),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(model, name), content);
  const out = join(folder, 'agreeing');
  const args = ['finetune', data, '--model', model, '--out', out, '--steps', '1', '--context-length', '8'];
  const { code, stderr } = await run(args);
  assert.is(code, 0, stderr);
  const told = stderr.indexOf('the tokenizer ends a text with </s> (token 260), but by the model');
  assert.ok(told >= 0 && told < stderr.indexOf('trained for 1 step'), stderr);
  assert.match(stderr, 'documents end with token 260');
  const { config, notes } = JSON.parse((await run(['info', '--json', out])).stdout);
  assert.equal(config.eosTokenIds, [260, 259]);
  assert.equal(notes, []);
});

test('a model from scratch, in a config that leaves the vocabulary to the tokenizer', async () => {
  const config = join(folder, 'config.json');
  const model = { model_type: 'gpt2', n_positions: 32, n_embd: 24, n_layer: 1, n_head: 2 };
  writeFileSync(config, JSON.stringify(model));
  const out = join(folder, 'scratch');
  const own = ['--config', config, '--tokenizer', whole, '--optimizer', 'muon'];
  const args = ['pretrain', data, ...own, '--steps', '5', '--out', out];
  const { code, stdout, stderr } = await run([...args, '--quiet']);
  assert.is(code, 0, stderr);
  assert.is(stdout + stderr, '');
  const info = await run(['info', out]);
  assert.is(info.code, 0, info.stderr);
  const again = await run(args);
  assert.is(again.code, 2, again.stderr);
  assert.match(again.stderr, '--force');
});

test('a model that is trained for q4 is written in numbers of q4', async () => {
  const out = join(folder, 'q4');
  const sizes = ['--steps', '2', '--batch-size', '1', '--context-length', '8', '--threads', '1'];
  const { code, stderr } = await run([
    ...['finetune', data, ...SMALL, ...sizes, '--quantize', 'q4', '--quantize-from', '1', '--out', out],
  ]);
  assert.is(code, 0, stderr);
  const file = readFileSync(join(out, 'model.safetensors'));
  const header = 8 + Number(file.readBigUInt64LE());
  const {
    data_offsets: [start],
  } = JSON.parse(file.toString('utf8', 8, header))['transformer.wte.weight'];
  for (let block = 0; block < 100; block++) {
    const from = header + start + 128 * block;
    const numbers = new Float32Array(file.buffer.slice(file.byteOffset + from, file.byteOffset + from + 128));
    assert.ok(new Set(numbers).size <= 16, `block ${block} has ${new Set(numbers).size} numbers`);
  }
});

test('wrong use and bad data write nothing', async () => {
  const out = join(folder, 'none');
  const broken = join(folder, 'broken.jsonl');
  writeFileSync(broken, '{"text":"good"}\n{"text":\n');
  for (const [args, code, words] of [
    [[broken], 1, 'line 2'],
    [[join(folder, 'absent')], 1, 'absent'],
    [[data, '--batch-size', '0'], 2, '--batch-size is 0'],
    [[data, '--seed', 'x'], 2, 'must be a number'],
    [[data, '--steps', '0'], 2, '--steps is 0'],
    [
      [data, '--document-borders', '--layout', 'documents'],
      2,
      "--document-borders is for the layout 'packed'",
    ],
    [[data, '--rank', '4'], 2, 'add --lora'],
    [[data, '--lora', '--rank', '0'], 2, '--rank is 0'],
    [[data, '--quantize-from', '3'], 2, '--quantize-from needs --quantize'],
    [[data, '--lora', '--targets', 'wte'], 2, '--targets is "wte"'],
    [[data, '--lora', '--optimizer', 'muon'], 2, '--optimizer is "muon"'],
    [
      [data, '--batch-size', '10000000'],
      1,
      'a smaller --batch-size or --context-length, --recompute or --lora',
    ],
    [[data, '--validation', '0', '--patience', '2'], 2, '--patience needs'],
    [[data, '--model', folder], 1, 'model.safetensors'],
  ] as const) {
    const outcome = await run(['finetune', ...args, '--out', out]);
    assert.is(outcome.code, code, outcome.stderr);
    assert.ok(outcome.stderr.includes(words), outcome.stderr);
    assert.not.ok(existsSync(out), String(args));
    assert.equal(
      readdirSync(folder).filter((name) => name.startsWith('none')),
      [],
    );
  }
});

test('a folder that cannot be written is refused before the data are read', async () => {
  // Reading this data would fail.
  const broken = join(folder, 'not_read.jsonl');
  writeFileSync(broken, '{"text":\n');
  const nowhere = join(folder, 'nowhere');
  symlinkSync(join(folder, 'absent', 'absent'), nowhere);
  const places = [data, join(data, 'model'), nowhere, join(nowhere, 'model')];
  // Creating a folder there fails as if /proc did not exist, which a naive loop would retry forever.
  if (process.platform === 'linux') places.push('/proc/gpt2-wasm-model', '/proc/gpt2-wasm/model');
  for (const out of places) {
    const { code, stderr } = await run(['finetune', broken, '--out', out]);
    assert.is(code, 1, `${out}: ${stderr}`);
    assert.ok(stderr.includes(`${out} cannot be written`), stderr);
  }
});

test.run();
