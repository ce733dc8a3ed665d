import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/model/load_model.js';
import type { Model } from '../../src/model/model.js';
import { memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { tinyModel } from '../support/tiny_model.js';

const FOLDER = new URL('../fixtures/tokenizer-pipelines/', import.meta.url);

/** A model of random weights with a tokenizer of another kind than GPT-2's. */
async function withTokenizer(name: string): Promise<Model> {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, FOLDER), 'utf8');
  const { vocab_size: vocabSize } = JSON.parse(read('expected.json'));
  const config = { n_positions: 16, bos_token_id: 0, eos_token_id: 0 };
  const model = tinyModel(vocabSize, { config });
  const tokenizer = Object.fromEntries(
    ['tokenizer.json', 'tokenizer_config.json'].map((file) => [file, read(file)] as const),
  );
  return loadModel(memorySource(name, { ...model, ...tokenizer }), { build: 'simd' });
}

const textOf = (model: Model, ids: readonly number[]) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(ids.flatMap((id) => [...model.tokenizer.tokenBytes(id)])),
  );

const KINDS = ['metaspace-always', 'unigram-bytes', 'bert-uncased', 'gpt4-split'];
for (const name of KINDS) {
  test(`${name}: completions are the bytes of their tokens, have forms and stop strings, and heal prompts`, async () => {
    const model = await withTokenizer(name);
    const options = { maxTokens: 6, seed: 1, ignoreEos: true };
    const stream = model.stream('hello', options);
    const parts: string[] = [];
    for await (const { text } of stream) parts.push(text);
    const { text, tokens } = await model.generate('hello', options);
    assert.is(parts.join(''), text);
    assert.is(textOf(model, tokens), text);

    const form = await model.generate('hello', { ...options, format: { regex: '( ?[a-z]){4}' } });
    assert.match(form.text, /^( ?[a-z]){4}$/);
    assert.is(textOf(model, form.tokens), form.text);

    const stop = form.text.slice(1, 2);
    const stopped = await model.generate('hello', {
      ...options,
      format: { regex: '( ?[a-z]){4}' },
      stop: [stop],
    });
    assert.is(stopped.text, form.text.slice(0, form.text.indexOf(stop)));

    const healed = await model.generate('hello wo', { ...options, heal: true });
    assert.type(healed.text, 'string');
    const { logprobs } = await model.score('hello world');
    assert.ok(logprobs.every(Number.isFinite));
    model.dispose();
  });
}

test('a tokenizer whose decoder drops the last space has completions, but no forms', async () => {
  const model = await withTokenizer('clip-suffix');
  const { text, tokens } = await model.generate('hello', { maxTokens: 4, seed: 1, ignoreEos: true });
  assert.is(textOf(model, tokens), text);
  const options = { maxTokens: 4, format: { regex: 'a+' } };
  await thrown(() => model.generate('hello', options), 'unsupported', /formats and banned texts/);
  model.dispose();
});

test.run();
