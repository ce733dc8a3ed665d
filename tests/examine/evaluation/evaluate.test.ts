import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskConfig } from '../../../src/examine/evaluation/config/task_config.js';
import { evaluate } from '../../../src/examine.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { inFolder } from '../../support/in_folder.js';
import { near } from '../../support/near.js';
import { thrown } from '../../support/thrown.js';
import { loadLm, readLm, textOf } from './lm_texts.js';

const lm = await loadLm();
const stories = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => {
  lm.dispose();
  stories.dispose();
});

interface ChoiceCase {
  readonly context: number[];
  readonly texts: string[];
  readonly gold: number;
  readonly logprobs: number[];
  readonly unconditional: number[];
  readonly pick: number;
  readonly pick_norm: number;
  readonly pick_bytes: number;
  readonly pick_mutual_information: number;
}
// White space at the end of a context belongs to the continuation: such cases are none of texts.
const choices = (readLm('choices.json').cases as ChoiceCase[]).filter(
  ({ context }) => !/\s$/.test(textOf(context)),
);
const PICKS = {
  acc: 'pick',
  acc_norm: 'pick_norm',
  acc_bytes: 'pick_bytes',
  acc_mutual_info: 'pick_mutual_information',
} as const;
const accuracy = (metric: keyof typeof PICKS) =>
  choices.filter((each) => each[PICKS[metric]] === each.gold).length / choices.length;
const CHOICE_TASK: TaskConfig = {
  task: 'choices',
  output_type: 'multiple_choice',
  doc_to_text: 'question',
  doc_to_target: 'gold',
  doc_to_choice: '{{texts}}',
  target_delimiter: '',
  metric_list: Object.keys(PICKS).map((metric) => ({ metric })),
};
const choiceDocs = choices.map(({ context, texts, gold }) => ({
  question: textOf(context),
  texts,
  gold,
}));

test('multiple choice has the accuracies of the harness, and their standard errors by the formula', async () => {
  const found = await evaluate(lm, { task: CHOICE_TASK, data: choiceDocs, samples: true });
  const results = found.results.choices!;
  for (const metric of Object.keys(PICKS) as (keyof typeof PICKS)[]) {
    const share = accuracy(metric);
    near(results[`${metric},none`] as number, share, 1e-12, metric);
    const error = Math.sqrt((share * (1 - share)) / (choices.length - 1));
    near(results[`${metric}_stderr,none`] as number, error, 1e-12, `standard error of ${metric}`);
  }
  for (const [i, { logprobs, unconditional }] of choices.entries()) {
    const responses = found.samples!.choices![i]!.resps as [number, boolean][];
    [...logprobs, ...unconditional].forEach((logprob, j) => {
      near(responses[j]![0], logprob, 1e-4 * Math.max(1, Math.abs(logprob)), `case ${i}, request ${j}`);
    });
  }
  assert.equal(found['n-samples'], { choices: { original: choices.length, effective: choices.length } });
  assert.equal(found.rules.choices!.normalization.acc_norm, 'ln p over characters');
});

test('each way to compare choices picks what the harness picks', async () => {
  for (const [metric, pick] of Object.entries(PICKS)) {
    const data = choiceDocs.map((doc, i) => ({ ...doc, gold: choices[i]![pick] }));
    const { results } = await evaluate(lm, { task: CHOICE_TASK, data });
    assert.is(results.choices![`${metric},none`], 1, metric);
  }
});

test('rolling likelihoods give the perplexities of the harness for each text and for all together', async () => {
  const { cases, corpus } = readLm('rolling.json') as {
    cases: { text: string; word_perplexity?: number; byte_perplexity: number; bits_per_byte: number }[];
    corpus: Record<string, number>;
  };
  const metrics = ['word_perplexity', 'byte_perplexity', 'bits_per_byte'];
  const task: TaskConfig = {
    task: 'texts',
    output_type: 'loglikelihood_rolling',
    doc_to_text: '',
    doc_to_target: '{{text}}',
    metric_list: metrics.map((metric) => ({ metric })),
  };
  const resultsFor = async (docs: object[]) =>
    (await evaluate(lm, { task, data: docs as { text: string }[] })).results.texts!;
  const near4 = (actual: unknown, expected: number, what: string) =>
    near(actual as number, expected, 1e-4 * Math.max(1, Math.abs(expected)), what);
  // The expected corpus leaves out the empty text, which has one word for the harness.
  const all = await resultsFor(cases.filter(({ text }) => text !== ''));
  for (const metric of metrics) near4(all[`${metric},none`], corpus[metric]!, metric);
  assert.ok((all['bits_per_byte_stderr,none'] as number) > 0);
  for (const [i, each] of cases.entries()) {
    const one = await resultsFor([each]);
    if (each.word_perplexity === undefined) {
      assert.is(one['byte_perplexity,none'], null);
      continue;
    }
    for (const metric of metrics) {
      near4(one[`${metric},none`], each[metric as 'word_perplexity']!, `${metric} of text ${i}`);
    }
    assert.is(one['bits_per_byte_stderr,none'], null);
  }
});

test('loglikelihood tasks have accuracy and perplexity, seeded standard errors, and a limit', async () => {
  const cases = readLm('loglikelihood.json').cases as {
    context: number[];
    continuation: number[];
    logprob: number;
    is_greedy: boolean;
  }[];
  const some = cases.filter(({ context, continuation }) => context.length > 0 && !continuation.includes(0));
  const docs = some.map(({ context, continuation }) => ({ a: textOf(context), b: textOf(continuation) }));
  const task: TaskConfig = {
    task: 'pairs',
    output_type: 'loglikelihood',
    doc_to_text: '{{a}}',
    doc_to_target: '{{b}}',
    metric_list: [{ metric: 'perplexity' }, { metric: 'acc' }],
  };
  // A space at the end of a context belongs to the continuation: such cases are no cases of texts.
  const kept = docs.map(({ a }) => !/\s$/.test(a));
  const data = docs.filter((_, i) => kept[i]);
  const found = (await evaluate(lm, { task, data })).results.pairs!;
  const expected = some.filter((_, i) => kept[i]);
  const mean = expected.reduce((sum, { logprob }) => sum + logprob, 0) / expected.length;
  near(found['perplexity,none'] as number, Math.exp(-mean), Math.exp(-mean) * 1e-4);
  near(
    found['acc,none'] as number,
    expected.filter((each) => each.is_greedy).length / expected.length,
    1e-12,
  );
  const again = (seed: number) => evaluate(lm, { task, data, seed }).then((of) => of.results.pairs!);
  assert.equal(await again(1234), found);
  assert.is.not((await again(5))['perplexity_stderr,none'], found['perplexity_stderr,none']);
  const none = await evaluate(lm, { task, data, bootstrapIterations: 0, limit: 3 });
  assert.is(none.results.pairs!['perplexity_stderr,none'], null);
  assert.equal(none['n-samples'].pairs, { original: null, effective: 3 });
});

const GENERATE_TASK: TaskConfig = {
  task: 'stories',
  output_type: 'generate_until',
  doc_to_text: '{{begin}}',
  doc_to_target: '{{names}}',
  generation_kwargs: { until: ['.'], max_gen_toks: 30 },
  metric_list: [{ metric: 'exact_match', ignore_case: true }],
  filter_list: [
    {
      name: 'name',
      filter: [{ function: 'regex', regex_pattern: 'named (\\w+)' }, { function: 'take_first' }],
    },
    { name: 'whole', filter: [{ function: 'remove_whitespace' }, { function: 'take_first' }] },
  ],
};

test('generated texts go through filters, each with results of its own', async () => {
  const begin = 'Once upon a time, there was a little girl';
  const { text } = await stories.generate(begin, { temperature: 0, maxTokens: 30, stop: '.' });
  const name = /named (\w+)/.exec(text)![1]!;
  const data = [{ begin, names: ['nobody', name.toUpperCase()] }];
  const { results, samples } = await evaluate(stories, { task: GENERATE_TASK, data, samples: true });
  assert.is(results.stories!['exact_match,name'], 1);
  assert.is(results.stories!['exact_match,whole'], 0);
  assert.equal(
    samples!.stories!.map(({ filter, filtered_resps }) => [filter, filtered_resps]),
    [
      ['name', [name]],
      ['whole', [text.trim()]],
    ],
  );
});

test('examples stand before each question, drawn by the seed, never the question itself', async () => {
  const data = Array.from({ length: 12 }, (_, i) => ({ q: `q${i}`, a: `a${i}` }));
  const task: TaskConfig = {
    task: 'shots',
    output_type: 'loglikelihood',
    description: 'Answer.\n',
    doc_to_text: 'Q: {{q}}',
    doc_to_target: '{{a}}',
    target_delimiter: '|',
    fewshot_delimiter: '\n',
    metric_list: [{ metric: 'acc' }],
  };
  const contexts = async (more: object, config: object = {}) => {
    const found = await evaluate(lm, { task: { ...task, ...config }, data, samples: true, ...more });
    return found.samples!.shots!.map((sample) => sample.arguments[0]![0] as string);
  };
  assert.equal(
    await contexts({}),
    data.map(({ q }) => `Answer.\nQ: ${q}`),
  );
  const drawn = await contexts({ fewShot: 2 });
  for (const [i, context] of drawn.entries()) {
    const [, first, second, own] =
      /^Answer\.\nQ: q(\d+)\|a\1\nQ: q(\d+)\|a\2\nQ: q(\d+)$/.exec(context) ?? [];
    assert.is(Number(own), i, context);
    assert.is(new Set([first, second, own]).size, 3, context);
  }
  assert.ok(new Set(drawn.map((context) => context.split('\n')[1])).size > 3);
  assert.equal(await contexts({ fewShot: 2 }), drawn);
  assert.equal(await contexts({ fewShot: 2, limit: 4 }), drawn.slice(0, 4));
  assert.is.not((await contexts({ fewShot: 2, seed: 1 })).join(), drawn.join());
  const inOrder = await contexts({ fewShot: 1 }, { fewshot_config: { sampler: 'first_n' } });
  assert.equal(inOrder.slice(0, 2), ['Answer.\nQ: q1|a1\nQ: q0', 'Answer.\nQ: q0|a0\nQ: q1']);
  assert.equal(await contexts({ fewShot: 5 }, { num_fewshot: 0 }), await contexts({}));
  const given = { fewShotData: [{ q: 'x', a: 'y' }], fewShot: 1, limit: 1 };
  assert.equal(await contexts(given), ['Answer.\nQ: x|y\nQ: q0']);
  await thrown(() => contexts({ fewShot: 12 }), 'invalid-option', /has 11 documents for examples/);
});

test('groups have the mean of their tasks, by documents or by tasks', async () => {
  const named = (task: string): TaskConfig => ({ ...CHOICE_TASK, task, metric_list: [{ metric: 'acc' }] });
  const data = { byTask: { small: choiceDocs.slice(0, 2), large: choiceDocs.slice(2) } };
  const group = (weight_by_size: boolean) => ({
    group: 'both',
    task: [named('small'), named('large')],
    aggregate_metric_list: [{ metric: 'acc', weight_by_size }],
  });
  const byDocuments = await evaluate(lm, { task: group(true), data });
  near(byDocuments.groups.both!['acc,none'] as number, accuracy('acc'), 1e-12);
  const { small, large } = byDocuments.results;
  const byTasks = await evaluate(lm, { task: group(false), data });
  const mean = ((small!['acc,none'] as number) + (large!['acc,none'] as number)) / 2;
  near(byTasks.groups.both!['acc,none'] as number, mean, 1e-12);
  assert.equal(byTasks.group_subtasks, { both: ['small', 'large'] });
});

test('a model in a worker has the same results, generated texts among them', async () => {
  const worker = await createWorkerModel(embeddedModel, { build: 'simd' });
  try {
    const choice: TaskConfig = {
      ...CHOICE_TASK,
      doc_to_text: 'begin',
      doc_to_choice: ['a dog', 'the'],
      doc_to_target: 0,
      target_delimiter: ' ',
    };
    const data = [
      { begin: 'Lily saw', names: 'x' },
      { begin: 'Tom had', names: 'y' },
    ];
    const options = { tasks: [choice, GENERATE_TASK], data, samples: true };
    assert.equal(await evaluate(worker, options), await evaluate(stories, options));
  } finally {
    worker.dispose();
  }
});

test('with a cache an aborted evaluation continues, and the result is the same', async () => {
  await inFolder({}, async (folder) => {
    const cache = join(folder, 'answers.jsonl');
    const options = { task: CHOICE_TASK, data: choiceDocs };
    const whole = await evaluate(lm, options);
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 20) controller.abort();
    };
    const { signal } = controller;
    await thrown(() => evaluate(lm, { ...options, cache, signal, onProgress }), 'aborted');
    const kept = readFileSync(cache, 'utf8').split('\n').length - 2;
    assert.ok(kept >= 20, `${kept} answers`);
    const starts: number[] = [];
    const again = await evaluate(lm, { ...options, cache, onProgress: ({ done }) => starts.push(done) });
    assert.ok(starts[0]! >= kept, `${starts[0]} of ${kept}`);
    assert.equal(again, whole);
  });
});

test('own functions change documents and compute fields and results', async () => {
  const functions = {
    'utils.process_docs': { doc: ({ n }: { n?: unknown }) => ({ text: 'a'.repeat(Number(n)) }) },
    'utils.target': { field: ({ text }: { text?: unknown }) => `${text}b` },
    'utils.results': { results: () => ({ found: 0.25 }) },
  };
  const task: TaskConfig = {
    task: 'own',
    output_type: 'loglikelihood',
    process_docs: { function: 'utils.process_docs' },
    doc_to_text: '',
    doc_to_target: { function: 'utils.target' },
    process_results: { function: 'utils.results' },
    metric_list: [{ metric: 'found' }],
  };
  const data = [{ n: 1 }, { n: 3 }];
  const { results, samples } = await evaluate(lm, { task, data, functions, samples: true });
  assert.is(results.own!['found,none'], 0.25);
  assert.equal(
    samples!.own!.map((sample) => sample.arguments[0]),
    [
      ['', 'ab'],
      ['', 'aaab'],
    ],
  );
  await thrown(() => evaluate(lm, { task, data }), 'unsupported', /needs the function utils\.process_docs/);
  for (const result of [undefined, 1, { found: Number.NaN }, { found: [] }, { found: [1, 'x'] }]) {
    const wrong = { ...functions, 'utils.results': { results: () => result as never } };
    await thrown(() => evaluate(lm, { task, data, functions: wrong }), 'invalid-option', /finite numbers/);
  }
  const wrong = (name: keyof typeof functions, change: object) =>
    evaluate(lm, { task, data, functions: { ...functions, [name]: change } });
  const documentOf = (doc: unknown) => wrong('utils.process_docs', { doc: () => doc });
  await thrown(
    () => documentOf({ text: Number.NaN }),
    'invalid-option',
    'document 0 as utils.process_docs gives it',
  );
  await thrown(() => documentOf(undefined), 'invalid-option', 'document 0 as utils.process_docs gives it');
  await thrown(() => documentOf([]), 'invalid-option', 'it must be an object');
  const field = wrong('utils.target', { field: () => new Date() });
  await thrown(() => field, 'invalid-option', 'what utils.target gives has Date');
});

test('documents hold what JSON can', async () => {
  const task: TaskConfig = { ...GENERATE_TASK, task: 'x', doc_to_text: '{{q}}', doc_to_target: 'a' };
  for (const a of [
    Number.NaN,
    [['b', undefined]],
    Float32Array.of(Number.NaN),
    [{ deep: [{ a: undefined }, 10n] }],
  ]) {
    const call = () =>
      evaluate(lm, {
        task,
        data: [
          { q: 'A', a: 'b' },
          { q: 'A', a: a as never },
        ],
      });
    await thrown(call, 'invalid-option', /^data\[1\] has /);
  }
});

test('numbers are texts without choices, and true and false are indices of choices', async () => {
  const texts: TaskConfig = {
    ...GENERATE_TASK,
    task: 'sums',
    doc_to_text: 'a',
    doc_to_target: '{{a + 1}}',
    filter_list: undefined as never,
  };
  const { filter_list: _, ...sums } = texts;
  const found = await evaluate(lm, { task: sums, data: [{ a: 3 }], samples: true });
  assert.is(found.samples!.sums![0]!.arguments[0]![0], '3');
  const choice: TaskConfig = {
    ...CHOICE_TASK,
    doc_to_text: 'q',
    doc_to_choice: ['no', 'yes'],
    doc_to_target: 'a',
  };
  const targets = async (of: unknown[]) => {
    const data = of.map((a) => ({ q: 'x', a }));
    const { samples } = await evaluate(lm, { task: choice, data: data as never, samples: true });
    return samples!.choices!.map(({ acc, target }) => [target, acc]);
  };
  assert.equal(await targets([true, false]), await targets([1, 0]));
});

test('wrong options, tasks and documents are refused with what would be right', async () => {
  const data = choiceDocs;
  const wrong = (options: object, code: Parameters<typeof thrown>[1], ...words: RegExp[]) =>
    thrown(() => evaluate(lm, { task: CHOICE_TASK, data, ...options }), code, ...words);
  await wrong({ fewshot: 1 }, 'invalid-option', /did you mean fewShot/);
  await wrong({ limit: 0 }, 'invalid-option', /limit is 0/);
  await wrong({ seed: 1.5 }, 'invalid-option', /seed/);
  await wrong({ task: undefined }, 'invalid-option', /at least one task/);
  await wrong({ task: 'helaswag' }, 'not-found', /did you mean hellaswag/);
  await wrong({ data: [] }, 'invalid-file', /no documents/);
  await wrong({ data: { byTask: { choice: data } } }, 'invalid-option', /for choice, .* 'choices'/);
  await wrong({ fewShotData: { byTask: null } }, 'invalid-option', /fewShotData\.byTask is null/);
  await wrong({ cache: 5 }, 'invalid-option', /cache is 5/);
  const other = { ...CHOICE_TASK, doc_to_text: '' };
  await wrong({ tasks: [other] }, 'invalid-option', /two different tasks have the name choices/);
  await wrong({ data: 7 }, 'invalid-option', /a path, a Blob/);
  await wrong(
    { task: { ...CHOICE_TASK, doc_to_text: '{{nothing}}' } },
    'invalid-file',
    /doc_to_text of choices/,
  );
  await wrong({ task: { ...CHOICE_TASK, doc_to_choice: '{{gold}}' } }, 'invalid-file', /list of texts/);
  await wrong({ task: { ...CHOICE_TASK, output: 1 } }, 'invalid-file', /field output, which is unknown/);
  await wrong({ task: { ...CHOICE_TASK, metric_list: [{ metric: 'bleu' }] } }, 'unsupported', /metric bleu/);
  await wrong({ task: { ...CHOICE_TASK, output_type: 'x' } }, 'invalid-file', /'loglikelihood'/);
});

test.run();
