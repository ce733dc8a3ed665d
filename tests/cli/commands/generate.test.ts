import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERATE_DEFAULTS, RARE_DEFAULTS } from '../../../src/generate/options.js';
import { type Completion, embeddedModel, loadModel } from '../../../src/index.js';
import { inFolder } from '../../support/in_folder.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const EXPECTED = JSON.parse(
  readFileSync(new URL('../../fixtures/stories/expected.json', import.meta.url), 'utf8'),
) as { input_ids: number[]; greedy: number[] };
const SAMPLED = ['generate', '--max-tokens', '20', '--seed', '11', 'Once upon a time'];

/** Runs the command line, which must succeed. */
async function succeed(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await run(args, input);
  assert.is(code, 0, stderr);
  return { stdout, stderr };
}

/** The sampled text, which several tests compare with: one process writes it. */
let sampled: ReturnType<typeof succeed> | undefined;
const sample = () => {
  sampled ??= succeed(SAMPLED);
  return sampled;
};

function endingInLineBreak(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

test('the greedy continuation by the model of the package is the one that PyTorch computed', async () => {
  const { stdout } = await succeed([
    'generate',
    ...['--temperature', '0', '--max-tokens', String(EXPECTED.greedy.length), '--allowed-special', 'all'],
    ...['--weights', 'f32', '--json', '<|endoftext|>Once upon a time'],
  ]);
  const { tokens, usage } = JSON.parse(stdout);
  assert.is(usage.promptTokens, EXPECTED.input_ids.length);
  assert.equal(tokens, EXPECTED.greedy);
});

test('the same seed gives the same text in every process, and another seed another one', async () => {
  const { stdout } = await sample();
  assert.ok(stdout.startsWith('Once upon a time'));
  assert.is((await succeed(SAMPLED)).stdout, stdout);
  const other = SAMPLED.map((arg) => (arg === '11' ? '12' : arg));
  assert.is.not((await succeed(other)).stdout, stdout);
});

test('the prompt comes from stdin without an argument or with -, less one line break at its end', async () => {
  const { stdout } = await sample();
  const options = SAMPLED.slice(0, -1);
  assert.is((await succeed(options, 'Once upon a time\n')).stdout, stdout);
  assert.is((await succeed([...options, '-'], 'Once upon a time\r\n')).stdout, stdout);
  const twoBreaks = await succeed(options, 'Once upon a time\n\n');
  assert.ok(twoBreaks.stdout.startsWith('Once upon a time\n'));
});

test('an empty prompt lets the model begin', async () => {
  const { stdout } = await succeed(['generate', '--temperature', '0', '--max-tokens', '4'], '');
  assert.match(stdout, /^\S.*\n$/);
});

test('--no-echo prints the continuation alone', async () => {
  const { stdout } = await sample();
  const alone = await succeed([...SAMPLED, '--no-echo']);
  assert.is(`Once upon a time${alone.stdout}`, stdout);
});

test('stdout has the text alone, stderr one line of figures, and nothing with --quiet', async () => {
  const { stdout, stderr } = await sample();
  assert.match(
    stderr,
    /^4 prompt tokens \([\d.]+\/s\), 20 new tokens \([\d.]+\/s\), peak memory [\d.]+ MiB, q4 weights, (simd|relaxed) build, 1 thread, finish reason length, seed 11\n$/,
  );
  const quiet = await succeed([...SAMPLED, '--quiet']);
  assert.is(quiet.stdout, stdout);
  assert.is(quiet.stderr, '');
});

test('--speculate and --draft change no text', async () => {
  const tiny = 'tests/fixtures/stories-tiny';
  const args = [
    'generate',
    '--model',
    tiny,
    '--temperature',
    '0',
    '--max-tokens',
    '40',
    'The cat sat. The cat',
  ];
  const { stdout } = await succeed(args);
  for (const flags of [
    ['--speculate', 'prompt'],
    ['--draft', tiny],
  ]) {
    assert.is((await succeed([...args, ...flags])).stdout, stdout);
  }
  const { code, stderr } = await run(['generate', '--draft', tiny, 'The cat']);
  assert.is(code, 2);
  assert.match(stderr, /--draft needs the vocabulary of this model/);
});

test('--guidance leads away from the text of --negative-prompt', async () => {
  const model = await loadModel(storiesTiny);
  const args = [
    'generate',
    '--model',
    'tests/fixtures/stories-tiny',
    '--temperature',
    '0',
    '--max-tokens',
    '30',
  ];
  const [prompt, negativePrompt] = ['The cat', 'The big dog'];
  const options = { temperature: 0, maxTokens: 30, guidance: 2.5 };
  for (const [flags, negative] of [
    [[], {}],
    [['--negative-prompt', negativePrompt], { negativePrompt }],
  ] as const) {
    const { stdout } = await succeed([...args, '--guidance', '2.5', ...flags, prompt]);
    const { text } = await model.generate(prompt, { ...options, ...negative });
    assert.is(stdout, endingInLineBreak(prompt + text));
  }
  model.dispose();
  const { code, stderr } = await run([...args, '--negative-prompt', negativePrompt, prompt]);
  assert.is(code, 2);
  assert.match(stderr, /--negative-prompt needs guidance; set --guidance to 1.5/);
});

test('--threads changes no text, and a wrong count is refused', async () => {
  const { stdout } = await sample();
  const two = await succeed([...SAMPLED, '--threads', '2']);
  assert.is(two.stdout, stdout);
  assert.match(two.stderr, /build, 2 threads, /);
  for (const count of ['0', 'many']) {
    const { code, stderr } = await run([...SAMPLED, '--threads', count]);
    assert.is.not(code, 0);
    assert.match(stderr, /threads/);
  }
});

test('--json prints one object with what the text mode prints, and more', async () => {
  const { stdout: text } = await succeed([...SAMPLED, '--no-echo']);
  const { stdout, stderr } = await succeed([...SAMPLED, '--json', '--logprobs', '2']);
  assert.match(stdout, /^\{.*\}\n$/);
  assert.match(stderr, /^4 prompt tokens/);
  const result = JSON.parse(stdout) as Completion & Record<'model' | 'build' | 'weights', string>;
  assert.equal(Object.keys(result).sort(), [
    ...[
      'build',
      'choices',
      'finishReason',
      'logprobs',
      'model',
      'seed',
      'text',
      'threads',
      'timings',
      'tokens',
      'usage',
      'weights',
    ],
  ]);
  assert.is(endingInLineBreak(result.text), text);
  assert.is(result.model, 'stories');
  assert.is(result.weights, 'q4');
  assert.match(result.build, /^(simd|relaxed)$/);
  assert.is(result.finishReason, 'length');
  assert.is(result.seed, 11);
  assert.equal(result.usage, {
    ...{ promptTokens: 4, cachedPromptTokens: 0, completionTokens: 20 },
    ...{ draftTokens: 0, acceptedDraftTokens: 0 },
  });
  assert.ok(result.timings.promptTokensPerSecond > 0 && result.timings.tokensPerSecond > 0);
  assert.is(result.choices.length, 1);
  assert.equal(
    result.logprobs?.map(({ id }) => id),
    result.tokens,
  );
  assert.ok(result.logprobs!.every(({ logprob, top }) => logprob <= 0 && top.length === 2));
  const decoded = await succeed(['tokenize', '--json', '--decode', result.tokens.join(' ')]);
  assert.is(JSON.parse(decoded.stdout).text, result.text);
});

test('several completions stand under headings, the first as if it were alone', async () => {
  const { stdout: alone } = await sample();
  const { stdout } = await succeed([...SAMPLED, '--n', '2']);
  const json = JSON.parse((await succeed([...SAMPLED, '--n', '2', '--json'])).stdout) as Completion;
  const texts = json.choices.map(({ text }) => endingInLineBreak(`Once upon a time${text}`));
  assert.is(texts[0], alone);
  assert.is(stdout, `=== 1 of 2 ===\n${texts[0]}\n=== 2 of 2 ===\n${texts[1]}`);
});

test('beams stand under headings, best first, with a score in place of a seed', async () => {
  const search = ['generate', '--beams', '3', '--returned', '2', '--max-tokens', '8'];
  const { stdout, stderr } = await succeed([...search, 'Once upon a time']);
  const { choices, score, seed } = JSON.parse(
    (await succeed([...search, '--json', 'Once upon a time'])).stdout,
  ) as Completion;
  const texts = choices.map(({ text }) => endingInLineBreak(`Once upon a time${text}`));
  assert.is(stdout, `=== 1 of 2 ===\n${texts[0]}\n=== 2 of 2 ===\n${texts[1]}`);
  assert.is(score, choices[0]!.score);
  assert.ok(score! > choices[1]!.score!);
  assert.is(seed, 0);
  assert.match(stderr, new RegExp(`finish reason length, score ${score!.toFixed(4)}\n$`));
});

test('flags reach the library, which searches and samples as they say', async () => {
  const model = await loadModel(embeddedModel);
  for (const [flags, options] of [
    [
      ['--beams=4', '--returned=4', '--length-penalty=-1', '--early-stopping=never', '--min-tokens=3'],
      { beams: 4, returned: 4, lengthPenalty: -1, earlyStopping: 'never', minTokens: 3 },
    ],
    [
      ['--seed=5', '--temperature=2', '--top-p=0.5', '--repetition-penalty=1.3', '--banned-texts=the'],
      { seed: 5, temperature: 2, topP: 0.5, repetitionPenalty: 1.3, bannedTexts: ['the'] },
    ],
  ] as const) {
    const args = ['generate', '--json', '--max-tokens=8', ...flags, 'Once upon a time'];
    const { choices } = JSON.parse((await succeed(args)).stdout) as Completion;
    const expected = await model.generate('Once upon a time', { maxTokens: 8, ...options });
    assert.equal(choices, JSON.parse(JSON.stringify(expected.choices)), flags.join(' '));
  }
  model.dispose();
  const { code, stderr } = await run(['generate', '--returned=2', 'Once']);
  assert.is(code, 2);
  assert.match(stderr, '--returned is 2, but --beams is 1: set --beams to 2 or more');
  // A contrastive search has neither a score nor a seed.
  const contrastive = ['generate', '--penalty-alpha=0.6', '--top-k=3', '--max-tokens=2', 'Once'];
  assert.match((await succeed(contrastive)).stderr, /finish reason length\n$/);
});

test('--stop ends before its text and understands \\n', async () => {
  const folder = 'tests/fixtures/stories-tiny';
  const greedy = [
    ...['generate', '--model', folder, '--temperature', '0', '--max-tokens', '80'],
    ...['--allowed-special', 'all', '--json'],
  ];
  const { prompt: begin, greedy_text } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
  const prompt = `<|endoftext|>${begin}`;
  const continuation: string = greedy_text.slice(begin.length);
  for (const [flag, stop] of [
    ['girl named', 'girl named'],
    ['\\n\\n', '\n\n'],
  ] as const) {
    const { stdout } = await succeed([...greedy, '--stop', 'never said', '--stop', flag, prompt]);
    const { text, finishReason } = JSON.parse(stdout) as Completion;
    assert.is(text, continuation.slice(0, continuation.indexOf(stop)));
    assert.is(finishReason, 'stop');
  }
});

test('--tokenizer gives a model without one the tokenizer of another', async () => {
  const folder = fileURLToPath(storiesTiny);
  const greedy = ['generate', '--quiet', '--temperature', '0', '--max-tokens', '6', 'The cat', '--model'];
  const { stdout } = await succeed([...greedy, folder]);
  const alone = Object.fromEntries(
    ['config.json', 'model.safetensors'].map((name) => [name, readFileSync(join(folder, name))]),
  );
  await inFolder(alone, async (bare) => {
    assert.is((await succeed([...greedy, bare, '--tokenizer', folder])).stdout, stdout);
    const { code, stderr } = await run([...greedy, bare]);
    assert.is(code, 1);
    assert.match(stderr, 'has no tokenizer');
  });
});

test('--context-full and --keep', async () => {
  const long = [
    ...['generate', '--json', '--seed', '3', '--max-tokens', '300', '--ignore-eos'],
    ...['--context-length', '256', 'Once upon a time'],
  ];
  const stopped = JSON.parse((await succeed(long)).stdout) as Completion;
  assert.is(stopped.finishReason, 'context');
  const shifted = JSON.parse((await succeed([...long, '--context-full', 'shift', '--keep', '4'])).stdout);
  assert.is(shifted.tokens.length, 300);
  const { code, stderr } = await run([...long, '--context-full', 'error']);
  assert.is(code, 2);
  assert.match(stderr, /^error: .*context of 256 .*--context-full/);
});

test('--build simd is taken', async () => {
  const { stderr } = await succeed([...SAMPLED, '--build', 'simd']);
  assert.match(stderr, 'simd build');
});

test('--context-length ends the text, and one that the model has not is refused', async () => {
  const json = ['generate', '--ignore-eos', '--json', '--context-length'];
  const { stdout } = await succeed([...json, '10', '--max-tokens', '40', 'Once upon a time']);
  assert.is((JSON.parse(stdout) as Completion).finishReason, 'context');
  const { code, stderr } = await run([...json, '513', 'Once']);
  assert.is(code, 2);
  assert.match(stderr, /--context-length is 513; it must be an integer from 1 to 512/);
});

test('the help says the defaults of the library', async () => {
  const { stdout } = await succeed(['generate', '--help']);
  const help = stdout.replace(/\s+/g, ' ');
  const { minTokens, beams, returned, lengthPenalty, earlyStopping } = RARE_DEFAULTS;
  const { beamGroups, diversityPenalty, penaltyAlpha } = RARE_DEFAULTS;
  const rare = { minTokens, beams, returned, lengthPenalty, earlyStopping, beamGroups, diversityPenalty };
  for (const [name, value] of Object.entries({ ...GENERATE_DEFAULTS, ...rare, penaltyAlpha })) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const [, shown] = new RegExp(` ${flag} <.*?default: ([^)]*)\\)`).exec(help)!;
    assert.is(shown, String(value), flag);
  }
});

test.run();
