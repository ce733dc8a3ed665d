import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelSource } from '../../src/files/source.js';
import { loadModel } from '../../src/model/load_model.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import { memoryTarget } from '../support/memory_target.js';
import { memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { tinyModel } from '../support/tiny_model.js';
import { addedToken, type Json, SMALL_MERGES, smallVocab } from '../tokenizer/helpers.js';

const END = '<|endoftext|>';
const SPECIAL = { '<s>': 260, '</s>': 261, '<pad>': 262, '<sep>': 263 };

/**
 * A fine-tune of 264 tokens as people publish it: GPT-2's files, tokens added for its ends, and other
 * settings.
 */
function published(config: Json, files: Record<string, Json | string>): ModelSource {
  const texts = Object.entries(files).map(([name, file]) => [
    name,
    typeof file === 'string' ? file : JSON.stringify(file),
  ]);
  return memorySource('published', {
    ...tinyModel(264, { config }),
    'vocab.json': JSON.stringify(smallVocab()),
    'merges.txt': SMALL_MERGES.join('\n'),
    'added_tokens.json': JSON.stringify(SPECIAL),
    ...Object.fromEntries(texts),
  });
}

const OPTIONS: Omit<TrainerOptions, 'model'> = {
  ...{ data: ['a b', 'c', 'abc'], steps: 1, batchSize: 1, contextLength: 8, validation: 0 },
  ...{ layout: 'documents', threads: 1, build: 'simd' },
};

/** The files of a run of one step, what it says, and its model's config. */
async function trained(model: ModelSource, options: Partial<TrainerOptions> = {}) {
  const trainer = await Trainer.create({ ...OPTIONS, ...options, model });
  try {
    for await (const _ of trainer);
    const target = memoryTarget();
    await trainer.save(target);
    const json = (name: string) =>
      target.files[name] && JSON.parse(new TextDecoder().decode(target.files[name]));
    return { files: target.files, json, notes: trainer.notes, config: trainer.config };
  } finally {
    trainer.dispose();
  }
}

test('the end-of-text token of special_tokens_map.json follows each document, and ends generations', async () => {
  const model = published(
    { eos_token_id: 261, bos_token_id: 260 },
    {
      'special_tokens_map.json': { bos_token: '<s>', eos_token: { content: '</s>' } },
      'tokenizer_config.json': { bos_token: END, eos_token: END, model_max_length: 1024 },
    },
  );
  const { notes, config, json } = await trained(model);
  assert.equal(notes, []);
  assert.equal(config.eosTokenIds, [261]);
  assert.is(json('tokenizer_config.json').eos_token, '</s>');
  assert.is(json('config.json').eos_token_id, 261);
});

test('if tokenizer and config disagree, the tokenizer decides, a note says so, and both tokens end generations', async () => {
  const model = published(
    { eos_token_id: 259, bos_token_id: 259 },
    {
      'special_tokens_map.json': { eos_token: '</s>' },
      'generation_config.json': { eos_token_id: 259, max_length: 50 },
    },
  );
  const { notes, config, json, files } = await trained(model);
  assert.match(
    notes[0]!,
    /tokenizer ends a text with <\/s> \(token 261\), but .* ends with <\|endoftext\|> \(token 259\)/,
  );
  assert.match(
    notes.at(-1)!,
    /documents end with token 261, and what the trained model generates ends with it too/,
  );
  assert.equal(config.eosTokenIds, [261, 259]);
  assert.equal(json('config.json').eos_token_id, [261, 259]);
  assert.equal(json('generation_config.json'), {
    eos_token_id: [261, 259],
    max_length: 50,
    bos_token_id: 259,
  });
  const again = await loadModel(memorySource('trained', files));
  assert.equal(again.config.eosTokenIds, [261, 259]);
  assert.is(again.tokenizer.eosTokenId, 261);
  again.dispose();
});

test('with an adapter, documents end with the end-of-text token of the model', async () => {
  const model = published({ eos_token_id: 259 }, { 'special_tokens_map.json': { eos_token: '</s>' } });
  const { notes, config } = await trained(model, { lora: { rank: 1 } });
  assert.match(notes.at(-1)!, /documents end with token 259, with which the model ends a generation/);
  assert.equal(config.eosTokenIds, [259]);
});

test('the notes name the token that is trained', async () => {
  const model = published({ eos_token_id: 259 }, { 'special_tokens_map.json': { eos_token: '</s>' } });
  const data = Array.from({ length: 4 }, () => 'a');
  const trainer = await Trainer.create({ ...OPTIONS, model, data, steps: 60, learningRate: 0.05 });
  for await (const _ of trainer);
  const learned = await trainer.model();
  trainer.dispose();
  const { tokens, finishReason } = await learned.generate('a', { maxTokens: 4, temperature: 0 });
  assert.equal([tokens.at(-1), finishReason], [261, 'eos']);
  learned.dispose();
});

test('a tokenizer may have tokens that the model lacks, if the data does not use them', async () => {
  const files = { 'added_tokens.json': { '<pad>': 264, '<sep>': 265 } };
  const model = published({ eos_token_id: 259 }, files);
  const { notes } = await trained(model);
  assert.match(notes.join(), /the tokenizer has 266 tokens, but the model only 264/);
  await thrown(
    () => trained(model, { data: ['a', 'b <sep> c'] }),
    'invalid-option',
    /the data have token 265: .* the model only 264/,
  );
  const outside = published(
    { eos_token_id: 259 },
    { ...files, 'special_tokens_map.json': { eos_token: '<pad>' } },
  );
  assert.equal((await trained(outside)).config.eosTokenIds, [259]);
  const none = published(
    { eos_token_id: null },
    { ...files, 'special_tokens_map.json': { eos_token: '<pad>' } },
  );
  await thrown(() => trained(none), 'invalid-option', /ends a text with token 264, but the model only 264/);
});

test('settings that change no computation are kept: special tokens, chat template, lengths, other config fields', async () => {
  const decoder = Object.fromEntries(
    Object.entries({ [END]: 259, ...SPECIAL }).map(([text, token]) => {
      const { id, ...flags } = addedToken(text, token, { special: true });
      return [id, flags];
    }),
  );
  const settings = {
    added_tokens_decoder: decoder,
    bos_token: '<s>',
    eos_token: '</s>',
    pad_token: '<pad>',
    sep_token: { __type: 'AddedToken', content: '<sep>' },
    additional_special_tokens: ['<sep>'],
    model_max_length: 512,
    padding_side: 'left',
    chat_template: '{{ messages }}',
  };
  const config = {
    eos_token_id: 261,
    bos_token_id: 260,
    pad_token_id: 262,
    sep_token_id: 263,
    task_specific_params: { 'text-generation': { do_sample: true } },
    resid_pdrop: 0.2,
    layer_norm_eps: 1e-6,
    hidden_size: 8,
    dtype: 'float16',
    id2label: { 0: 'good' },
  };
  const generation = { eos_token_id: 261, pad_token_id: 262, do_sample: true, top_k: 40 };
  const map = { eos_token: '</s>', pad_token: '<pad>', sep_token: '<sep>' };
  const { json, files } = await trained(
    published(config, {
      'tokenizer_config.json': settings,
      'generation_config.json': generation,
      'special_tokens_map.json': map,
      'chat_template.jinja': '{% for m in messages %}{{ m }}{% endfor %}',
    }),
  );
  for (const [name, value] of Object.entries(settings)) {
    assert.equal(json('tokenizer_config.json')[name], value, name);
  }
  const { hidden_size: _, dtype: __, ...kept } = config;
  for (const [name, value] of Object.entries(kept)) assert.equal(json('config.json')[name], value, name);
  assert.not('hidden_size' in json('config.json'));
  assert.equal([json('config.json').dtype, json('config.json').torch_dtype], [undefined, 'float32']);
  assert.equal(json('generation_config.json'), { ...generation, bos_token_id: 260 });
  assert.equal(json('special_tokens_map.json'), map);
  const template = new TextDecoder().decode(files['chat_template.jinja']);
  assert.is(template, '{% for m in messages %}{{ m }}{% endfor %}');
  assert.not('generation_config.json' in (await trained(published({}, {}))).files);
  const again = await trained(memorySource('again', files));
  for (const name of Object.keys(files).filter((file) => !file.endsWith('.safetensors'))) {
    assert.equal(again.files[name], files[name], name);
  }
});

test('a model whose stored head differs from the embedding is saved with that head', async () => {
  const files = { ...tinyModel(264, { head: 5, config: { eos_token_id: 259 } }) };
  const model = memorySource('head', {
    ...files,
    'vocab.json': JSON.stringify(smallVocab()),
    'merges.txt': SMALL_MERGES.join('\n'),
  });
  const { json, files: saved } = await trained(model);
  assert.is(json('config.json').tie_word_embeddings, false);
  assert.match(new TextDecoder().decode(saved['model.safetensors']!.subarray(0, 4000)), /"lm_head\.weight"/);
});

test('a custom tokenizer without files is refused', async () => {
  const tokenizer = { encode: () => [1], decode: () => '' } as never;
  await thrown(
    () => trained(published({}, {}), { tokenizer }),
    'invalid-option',
    /loadTokenizer or trainTokenizer/,
  );
});

test.run();
