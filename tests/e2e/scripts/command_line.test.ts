import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('command lines of the repository');

/** Runs a command with the options `seed`, a number, and `quick`, and positional arguments. */
function run(...args: readonly string[]) {
  const { href } = new URL('../../../scripts/command_line.mjs', import.meta.url);
  const code = `import { commandLine, numbersOf } from '${href}';
    const usage = 'npm run it [-- PLACE ... --seed S --quick]';
    const options = { seed: { type: 'string', default: '7' }, quick: { type: 'boolean', default: false } };
    const { values, positionals } = commandLine(usage, { allowPositionals: true, options });
    const { seed } = numbersOf(usage, values, ['seed']);
    console.log(JSON.stringify([seed, values.quick, positionals]));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', code, '--', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

const USAGE = 'npm run it [-- PLACE ... --seed S --quick]\n';

test('arguments are read, and --help says which there are', () => {
  assert.equal(run('a', '--quick', '--seed', '5', 'b'), {
    status: 0,
    stdout: '[5,true,["a","b"]]\n',
    stderr: '',
  });
  assert.equal(run(), { status: 0, stdout: '[7,false,[]]\n', stderr: '' });
  assert.equal(run('--help'), { status: 0, stdout: USAGE, stderr: '' });
});

test('wrong ones end with 2 and a message', () => {
  const wrong = [
    [['--sead', '5'], "Unknown option '--sead'"],
    [['--seed', 'x'], '--seed is x; it must be a number, 0 or more'],
    [['--seed', '-1'], /--seed/],
    [['--seed='], '--seed is ; it must be'],
  ] as const;
  for (const [args, words] of wrong) {
    const { status, stdout, stderr } = run(...args);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, words);
    assert.ok(stderr.endsWith(`\n${USAGE}`), stderr);
  }
});

test.run();
