import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { tinyModel } from '../../support/tiny_model.js';
import { SMALL_MERGES, smallVocab } from '../../tokenizer/helpers.js';
import { run } from '../run.js';

const CHECKPOINTS = fileURLToPath(new URL('../../fixtures/checkpoints/', import.meta.url));
const SENTENCEPIECE = fileURLToPath(
  new URL('../../fixtures/tokenizer-files/sp-bpe/tokenizer.model', import.meta.url),
);
const STORIES = fileURLToPath(storiesTiny);

async function info(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['info', ...args]);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  return stdout;
}

/** Number of parameters of a GPT-2 with a tied head, counted from its config.json. */
function parametersOf(config: Record<string, number>): number {
  const [vocabulary, context, channels, layers] = ['vocab_size', 'n_positions', 'n_embd', 'n_layer'].map(
    (name) => config[name]!,
  ) as [number, number, number, number];
  const inner = config.n_inner ?? 4 * channels;
  const norm = 2 * channels;
  const attention = channels * 3 * channels + 3 * channels + channels * channels + channels;
  const mlp = channels * inner + inner + inner * channels + channels;
  return (vocabulary + context) * channels + layers * (2 * norm + attention + mlp) + norm;
}

test('a model is described by the numbers of its config', async () => {
  const config = JSON.parse(readFileSync(new URL('config.json', storiesTiny), 'utf8'));
  const parameters = parametersOf(config);
  const result = JSON.parse(await info('--json', STORIES));
  assert.is(result.model, STORIES);
  assert.is(result.format, 'safetensors');
  assert.is(result.config.vocabSize, config.vocab_size);
  assert.is(result.config.contextLength, config.n_positions);
  assert.is(result.config.channels, config.n_embd);
  assert.is(result.config.layers, config.n_layer);
  assert.is(result.config.heads, config.n_head);
  assert.is(result.memory.parameters, parameters);
  assert.is(result.storedBytes, 2 * parameters, 'F16');
  assert.is(result.weights, 'f32');
  const { weights, cache, scratch, total } = result.memory;
  assert.ok(weights >= 4 * parameters && weights < 4.1 * parameters);
  const keysAndValues = 4 * 2 * config.n_layer * config.n_positions * config.n_embd;
  assert.ok(cache >= keysAndValues && cache < 1.1 * keysAndValues);
  assert.is(total, weights + cache + scratch);
  assert.equal(result.tokenizer, { vocabSize: 1024, specialTokens: { '<|endoftext|>': 0 } });

  const text = await info(STORIES);
  for (const row of [
    /^Model +.*stories-tiny\/$/m,
    new RegExp(`^Parameters +957 thousand \\(${parameters}\\)$`, 'm'),
    /^On disk +1\.83 MiB, 16 bits a parameter$/m,
    /^Layers +4$/m,
    /^Attention +4 heads of 32$/m,
    /^Context +256 tokens$/m,
    /^Special tokens +<\|endoftext\|> \(0\)$/m,
    /^Memory needed +[\d.]+ MiB$/m,
    /^ {2}weights +[\d.]+ MiB in f32$/m,
  ]) {
    assert.match(text, row);
  }
});

test('the model of the package is described where none is named', async () => {
  const text = await info();
  for (const row of [
    /^Model +stories$/m,
    /^Format +GGUF$/m,
    /^Parameters +12\.6 million \(\d+\)$/m,
    /^On disk +[\d.]+ MiB, [45](\.\d+)? bits a parameter$/m,
    /^Context +512 tokens$/m,
    /^ {2}weights +[\d.]+ MiB in q4$/m,
  ]) {
    assert.match(text, row);
  }
});

test('the memory is that of the weights that are asked for', async () => {
  const f32 = JSON.parse(await info('--json', '--weights', 'f32'));
  const q8 = JSON.parse(await info('--json', '--weights', 'q8'));
  assert.ok(q8.memory.weights < 0.32 * f32.memory.weights);
  const q4 = JSON.parse(await info('--json', '--weights', 'q4'));
  assert.ok(q4.memory.weights < 0.19 * f32.memory.weights);
  assert.is((await run(['info', '--weights', 'q9'])).code, 2);
});

test('what differs from plain GPT-2 is said, and a folder without a tokenizer is described', async () => {
  const unscaled = await info(`${CHECKPOINTS}unscaled-attn`);
  assert.match(unscaled, 'scores not scaled');
  assert.match(unscaled, /^Tokenizer +none$/m);
  assert.match(await info(`${CHECKPOINTS}inverse-layer-idx`), 'scores divided by the layer number');
  assert.match(await info(`${CHECKPOINTS}untied-head`), /^Output head +separate weights$/m);
  assert.match(
    await info(`${CHECKPOINTS}../heads/sequence`),
    /^Task head +sequence classification: sad, so so, glad$/m,
  );
  assert.is(JSON.parse(await info('--json', `${CHECKPOINTS}base`)).tokenizer, null);
});

test('what is not as somebody may think is noted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-info-'));
  try {
    const config = { layer_norm_eps: 1e-6, eos_token_id: 5 };
    const files = {
      ...tinyModel(262, { config }),
      'vocab.json': JSON.stringify(smallVocab()),
      'merges.txt': SMALL_MERGES.join('\n'),
      'generation_config.json': JSON.stringify({ eos_token_id: [6, 7] }),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const text = await info(folder);
    assert.match(text, /^End of text +6, 7$/m);
    assert.match(text, /^Note +config\.json of .*ignored, .*layer_norm_eps/m);
    assert.match(
      text,
      /^Note +generation_config\.json of .*ends a text with token 6, 7, config\.json with 5/m,
    );
    assert.match(text, /^Note +the tokenizer ends a text with <\|endoftext\|> \(token 259\), but/m);
    assert.is(JSON.parse(await info('--json', folder)).notes.length, 3);
    await rm(join(folder, 'vocab.json'));
    await copyFile(SENTENCEPIECE, join(folder, 'spiece.model'));
    assert.match(await info(folder), /^Tokenizer +679 tokens, SentencePiece bpe$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.equal(JSON.parse(await info('--json')).notes, []);
});

test('a shorter context takes less memory', async () => {
  const { memory: whole } = JSON.parse(await info('--json'));
  const { memory, config } = JSON.parse(await info('--json', '--context-length', '128'));
  assert.is(config.contextLength, 128);
  assert.is(memory.cache, whole.cache / 4);
  assert.is(memory.parameters, whole.parameters);
});

test.run();
