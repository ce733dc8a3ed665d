import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOptionNames, hintFor } from '../../src/base/check_options.js';
import { convertModel, inspectModel, loadModel, loadTokenizer } from '../../src/index.js';
import { learningRateSchedule, readDocuments, Trainer, trainStep, trainTokenizer } from '../../src/train.js';
import { createWorkerModel } from '../../src/worker.js';
import { thrown } from '../support/thrown.js';

const BASE = new URL('../fixtures/stories-tiny', import.meta.url);
const model = await loadModel(BASE, { threads: 1, build: 'simd' });
const { tokenizer } = model;
test.after(() => model.dispose());

/** Names of generation options in other libraries. */
const GENERATION: readonly [names: string, hint: RegExp][] = [
  [
    'max_new_tokens maxNewTokens max_tokens maxTokenz max_length n_predict num_predict',
    /did you mean maxTokens\?/,
  ],
  ['maxCompletionTokens max_output_tokens length', /did you mean maxTokens\?/],
  ['num_return_sequences numReturnSequences best_of bestOf num_samples', /did you mean n\?/],
  ['stopSequences stop_sequences stop_strings stopWords stopping_criteria until', /did you mean stop\?/],
  ['do_sample doSample greedy sampling', /did you mean temperature\? \(0 always takes the likeliest/],
  ['top_k TopK', /did you mean topK\?/],
  ['top_p top-p', /did you mean topP\?/],
  ['min_p', /did you mean minP\?/],
  ['typical_p typ_p', /did you mean typicalP\?/],
  ['dynatemp_range', /did you mean dynamicTemperatureRange\?/],
  ['dynatemp_exponent dynatemp_exp', /did you mean dynamicTemperatureExponent\?/],
  ['temp Temperature temprature', /did you mean temperature\?/],
  ['repetition_penalty repeat_penalty', /did you mean repetitionPenalty\?/],
  ['frequency_penalty', /did you mean frequencyPenalty\?/],
  ['presence_penalty', /did you mean presencePenalty\?/],
  ['no_repeat_ngram_size noRepeatNgramSize', /did you mean noRepeatNgram\?/],
  ['logit_bias', /did you mean logitBias\?/],
  ['bad_words_ids suppress_tokens', /did you mean bannedTokens\?/],
  ['random_state random_seed manual_seed', /did you mean seed\?/],
  ['top_logprobs', /did you mean logprobs\?/],
  ['ignore_eos', /did you mean ignoreEos\?/],
  ['abortSignal', /did you mean signal\?/],
  ['num_beams numBeams beam_size', /did you mean beams\?/],
  ['num_beam_groups', /did you mean beamGroups\?/],
  ['length_penalty', /did you mean lengthPenalty\?/],
  ['min_new_tokens min_length', /did you mean minTokens\?/],
  ['context_shift', /did you mean contextFull\?/],
  ['n_keep num_keep', /did you mean keep\?/],
  ['stream streamer callback_function', /model\.stream\(prompt, options\)/],
  ['dtype quantized', /weights is an option of loadModel/],
  ['weights', /weights is an option of loadModel/],
  ['n_ctx', /contextLength is an option of loadModel/],
  ['device', /option of loadModel \(all is computed on the CPU\)/],
];

test('options of other libraries get a hint', async () => {
  for (const [names, hint] of GENERATION) {
    for (const name of names.split(' ')) {
      const call = () => model.generate([1], { [name]: 1 });
      await thrown(call, 'invalid-option', `${name} is not an option of generate; `, hint);
    }
  }
  for (const [name, hint] of [
    ['dtype', "did you mean weights? ('f32', 'q8' or 'q4')"],
    ['quantized', 'did you mean weights?'],
    ['load_in_8bit', 'did you mean weights?'],
    ['device', 'did you mean build? (all is computed on the CPU)'],
    ['num_threads', 'did you mean threads?'],
    ['n_threads', 'did you mean threads?'],
    ['hf_token', 'did you mean token?'],
    ['max_seq_length', 'did you mean contextLength?'],
    ['context_length', 'did you mean contextLength?'],
    ['max_length', 'did you mean contextLength?'],
    ['max_new_tokens', 'maxTokens is an option of generate and stream'],
    ['progress_callback', 'did you mean onProgress?'],
    ['cache_dir', 'HF_HOME'],
    ['local_files_only', 'HF_HUB_OFFLINE'],
    ['temperature', 'temperature is an option of generate and stream'],
  ] as const) {
    await thrown(() => loadModel(BASE, { [name]: 1 }), 'invalid-option', `${name} is not an option`, hint);
  }
  for (const [name, hint] of [
    ['num_train_epochs', 'did you mean epochs?'],
    ['lr', 'did you mean learningRate?'],
    ['gradient_accumulation_steps', 'did you mean accumulation?'],
    ['max_steps', 'did you mean steps?'],
    ['block_size', 'did you mean contextLength?'],
    ['max_grad_norm', 'did you mean maxGradientNorm?'],
  ] as const) {
    await thrown(() => Trainer.create({ [name]: 1 } as never), 'invalid-option', hint);
  }
  await thrown(
    () => Trainer.create({ model: BASE, data: [], lora: { r: 4 } } as never),
    'invalid-option',
    'rank?',
  );
});

test('every public function with options refuses names that it does not know', async () => {
  const wrong = { wrongName: 1 } as never;
  const calls: Record<string, () => unknown> = {
    loadModel: () => loadModel(BASE, wrong),
    loadTokenizer: () => loadTokenizer(BASE, wrong),
    inspectModel: () => inspectModel(BASE, wrong),
    convertModel: () => convertModel(BASE, wrong),
    createWorkerModel: () => createWorkerModel(BASE, wrong),
    generate: () => model.generate([1], wrong),
    withAdapters: () => model.withAdapters([], wrong),
    encode: () => tokenizer.encode('a', wrong),
    'Trainer.create': () => Trainer.create(wrong),
    trainTokenizer: () => trainTokenizer([], wrong),
    readDocuments: () => readDocuments([], wrong).next(),
    learningRateSchedule: () => learningRateSchedule(wrong),
    trainStep: () => trainStep(undefined as never, [], wrong),
  };
  for (const [name, call] of Object.entries(calls)) {
    await thrown(call, 'invalid-option', `wrongName is not an option of ${name}; `);
  }
  await thrown(() => model.stream([1], wrong), 'invalid-option', 'wrongName');
});

test('a hint never names what the call does not have', () => {
  const known = ['alpha', 'beta'];
  assert.is(hintFor('Alpha', known), 'did you mean alpha?');
  assert.is(hintFor('alpah', known), 'did you mean alpha?');
  assert.is(hintFor('zzzzzzz', known), 'the options are alpha, beta');
  assert.match(hintFor('max_new_tokens', known), /^maxTokens is an option of generate and stream$/);
  checkOptionNames('call', { alpha: 1 }, known);
});

test.run();
