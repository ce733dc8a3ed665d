import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unless } from '../support/unless.js';
import { CLI, outcome, run, start } from './run.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Wrong arguments, with words that the message must have. */
const WRONG: readonly (readonly [args: string[], ...words: (string | RegExp)[]])[] = [
  [['generate', '--temperatur', '1', 'x'], '--temperatur', '--temperature'],
  [['generate', 'x', '--seed'], '--seed', 'argument missing'],
  [['generate', '- item'], 'put -- before it: gpt2-wasm generate -- "- item"'],
  [['tokenize', '-5 degrees'], 'gpt2-wasm tokenize -- "-5 degrees"'],
  [['generate', '--max-new-tokens', '5', 'x'], '--max-tokens'],
  [['generate', '--do-sample', 'x'], '--temperature'],
  [['generate', '--top-k', 'many', 'x'], '--top-k', 'many', 'number'],
  [['generate', '--top-k', '1.5', 'x'], '--top-k is 1.5', 'integer'],
  [['generate', '--top-k=', 'x'], '--top-k', 'number'],
  [['generate', '--temperature', '0x1', 'x'], '--temperature', '0x1'],
  [['generate', '--temperature', '-1', 'x'], '--temperature is -1'],
  [['generate', '--top-p', '3', 'x'], '--top-p is 3', 'from 0 to 1'],
  [['generate', '--max-tokens', '0', 'x'], '--max-tokens is 0'],
  [['generate', '--no-repeat-ngram', '-2', 'x'], '--no-repeat-ngram is -2'],
  [['generate', '--seed', '9007199254740993', 'x'], '--seed is'],
  [['generate', '--n', '2', '--temperature', '0', 'x'], '--n is 2'],
  [['generate', '--stop=', 'x'], '--stop', 'empty'],
  [['generate', '--banned-tokens', '5,a', 'x'], '--banned-tokens', '"a"'],
  [['generate', '--banned-tokens', '4096', 'x'], '--banned-tokens', '4095'],
  [['generate', '--logit-bias', '5', 'x'], '--logit-bias', 'ID=NUMBER'],
  [['generate', '--logit-bias', '5=much', 'x'], '--logit-bias', 'ID=NUMBER'],
  [['generate', '--logit-bias', '5=101', 'x'], '--logit-bias', '101'],
  [['generate', '--context-full', 'wait', 'x'], '--context-full', 'shift'],
  [['generate', '--keep', '511', 'x'], '--keep is 511'],
  [['generate', '--allowed-special', '<eot>', 'x'], '--allowed-special', '<eot>', '<|endoftext|>'],
  [['generate', '--logprobs', '2', 'x'], '--logprobs', '--json'],
  [['generate', '--build', 'fast', 'x'], '--build', 'relaxed'],
  [['generate', 'two', 'words'], 'the prompt', '"two words"'],
  [['generate', '--max-tokens', '1', 'word '.repeat(600)], 'context 512', '--context-full'],
  [['tokenize', 'two', 'words'], 'the text', '"two words"'],
  [['tokenize', '--decode', '5 x'], '--decode', '"x"'],
  [['tokenize', '--decode', '4096'], '4096'],
  [['tokenise', 'x'], 'tokenise', 'tokenize'],
  [['help', 'nope'], 'nope', '--help'],
  [['help', 'models', 'nope'], 'nope'],
  [['info', 'a', 'b'], 'too many arguments'],
  [['finetune', 'README.md', '--out', 'x', '--sample-every', '0'], '--sample-every is 0'],
  [['finetune', 'README.md', '--out', 'x', '--rank', '4'], '--rank applies to an adapter', '--lora'],
  [[], 'Usage: gpt2-wasm'],
];

test('what is used wrongly ends with 2, a message that names it and an empty stdout', async () => {
  for (const [args, ...words] of WRONG) {
    const { code, stdout, stderr } = await run(args);
    const about = `${args.join(' ').slice(0, 60)}\n${stderr}`;
    assert.is(code, 2, about);
    assert.is(stdout, '', about);
    if (args.length > 0) assert.match(stderr, /^error: /, about);
    assert.not.match(stderr, /\n +at /, about);
    for (const word of words) assert.match(stderr, word, about);
  }
});

test('a prompt that is not UTF-8 is refused', async () => {
  const { code, stderr } = await run(['generate'], Uint8Array.of(0x61, 0xff));
  assert.is(code, 2);
  assert.match(stderr, /^error: the prompt on stdin is not UTF-8/);
});

// util-linux's `script` gives a program a terminal.
const hasTerminal = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');
unless(hasTerminal ? undefined : "util-linux's script is not installed")(
  'a terminal is not waited for when there is no prompt',
  () => {
    const command = `'${process.execPath}' '${CLI}' generate`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      timeout: 300_000,
    });
    assert.is(status, 2);
    assert.match(stdout, /^error: no prompt; give one/);
  },
);

test('a model that is not there or cannot be used ends with 1, whichever the command', async () => {
  for (const command of ['generate', 'tokenize']) {
    const { code, stdout, stderr } = await run([command, '--model', 'no/such/folder', 'x']);
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, /^error: there is no folder no\/such\/folder/);
  }
  assert.is((await run(['info', 'no/such/folder'])).code, 1);

  const withoutTokenizer = await run(['generate', '--model', `${FIXTURES}checkpoints/base`, 'x']);
  assert.is(withoutTokenizer.code, 1);
  assert.match(withoutTokenizer.stderr, /^error: .*has no tokenizer.*\n$/);
});

/** Code for `--import`: makes loading fail when the core is created. */
const FAILING_LOAD = `data:text/javascript,WebAssembly.compile = () => { throw new TypeError('unforeseen'); };`;

test('options are checked before the model is loaded', async () => {
  const { code, stderr } = await outcome(
    start(['generate', '--top-p', '3', 'x'], ['--import', FAILING_LOAD]),
  );
  assert.is(code, 2);
  assert.match(stderr, '--top-p is 3');
});

test('an error that nobody foresaw shows where it came from', async () => {
  const { code, stderr } = await outcome(start(['generate', 'x'], ['--import', FAILING_LOAD]));
  assert.is(code, 1);
  assert.match(stderr, /^TypeError: unforeseen\n +at /);
});

test('help goes to stdout, explains every command and names the exit codes', async () => {
  for (const [args, ...words] of [
    [['--help'], 'generate', 'tokenize', 'info', 'pull', 'models', 'Examples:'],
    [['generate', '--help'], '--no-repeat-ngram <count>', '--no-echo', '--model <path|id>', 'Examples:'],
    [['tokenize', '--help'], '--decode', 'Examples:'],
    [['info', '--help'], '--json', 'Examples:'],
    [['pull', '--help'], '--revision <name>', 'HF_TOKEN', 'Examples:'],
    [['models', '--help'], 'delete', 'Examples:'],
    [['convert', '--help'], '--weights <format>', 'Examples:'],
    [['train-tokenizer', '--help'], '--vocab-size <count>', '(required)', 'Examples:'],
    [['finetune', '--help'], '--adapter <dir[:number]>', '--lora', 'Examples:'],
    [['pretrain', '--help'], '--config <file>', 'model (required)', 'Examples:'],
    [['playground', '--help'], '--out <dir>'],
    [['chat', '--help'], '--user <name>', 'Examples:'],
    [['serve', '--help'], '--users <dir>', 'Examples:'],
    [['models', 'delete', '--help'], '--yes', 'Options:'],
    [['help', 'models', 'delete'], '--yes', 'Options:'],
    [['help', 'info'], '--json', 'Examples:'],
  ] as const) {
    const { code, stdout, stderr } = await run(args);
    assert.is(code, 0);
    assert.is(stderr, '');
    for (const word of [...words, 'Exit codes:', '130']) assert.match(stdout, word);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  }
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { code, stdout } = await run(['--version']);
  assert.is(code, 0);
  assert.is(stdout, `${version}\n`);
});

test.run();
