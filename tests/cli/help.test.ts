import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './run.js';

const COMMANDS = [
  ...['generate', 'score', 'examine', 'detect', 'calibrate', 'tokenize', 'info', 'pull', 'models', 'convert'],
  ...['compress', 'decompress', 'verify', 'watermark'],
  ...['train-tokenizer', 'finetune', 'pretrain', 'playground', 'serve', 'batch', 'chat'],
];
/** Flags whose values or results differ between commands. */
const OWN_MEANING = [
  '--weights',
  '--context-length',
  '--seed',
  '--json',
  '--out',
  '--force',
  '--port',
  '--build',
  '--user',
];

/** The options of a help text: each term, with its description on one line. */
function optionsOf(help: string): Map<string, string> {
  const options = new Map<string, string>();
  let term = '';
  for (const line of help.split('\n')) {
    const [, flag, description] =
      /^ {2}(?:-\w, )?(--\S+(?: (?:<[^>]+>|\[[^\]]+\]))?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
    const [, more] = /^ {6,}(\S.*)$/.exec(line) ?? [];
    if (flag !== undefined) options.set(flag, description ?? '');
    else if (more !== undefined && term !== '') options.set(term, `${options.get(term)} ${more}`);
    term = flag ?? (more === undefined ? '' : term);
  }
  return options;
}

const helps = new Map<string, Map<string, string>>();
test.before(async () => {
  for (const command of COMMANDS) helps.set(command, optionsOf((await run([command, '--help'])).stdout));
});

test('a flag of several commands is described in the same words', () => {
  const seen = new Map<string, string>();
  for (const options of helps.values()) {
    for (const [term, description] of options) {
      if (OWN_MEANING.includes(term.split(' ')[0]!)) continue;
      assert.is(seen.get(term) ?? description, description, term);
      seen.set(term, description);
    }
  }
  assert.ok(seen.size > 50);
});

test('a flag with a value states its default, or that it is required or may be repeated', () => {
  const OPTIONAL = ['--steps', '--logprobs', '--out'];
  for (const [command, options] of helps) {
    for (const [term, description] of options) {
      const [flag, value] = term.split(' ');
      if (value === undefined || OPTIONAL.includes(flag!)) continue;
      assert.match(description, /\((?:.*; )?(?:default: .+|required|repeatable)\)$/, `${command} ${term}`);
    }
  }
});

test.run();
