import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFormat } from '../../../src/index.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-format-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The text that the command line generates with these flags, without the prompt. */
async function generated(...flags: string[]): Promise<string> {
  const args = ['generate', '--no-echo', '--quiet', '--seed', '4', '--max-tokens', '80', ...flags];
  const { code, stdout, stderr } = await run([...args, 'Lily saw ']);
  assert.is(code, 0, stderr);
  return stdout.replace(/\n$/, '');
}

test('--json-schema writes JSON that the schema in the file describes', async () => {
  const jsonSchema = {
    type: 'object',
    properties: { name: { enum: ['Tom', 'Lily'] }, age: { type: 'integer', minimum: 1, maximum: 9 } },
    required: ['name', 'age'],
    additionalProperties: false,
  };
  const path = file('schema.json', JSON.stringify(jsonSchema));
  const text = await generated('--json-schema', path);
  assert.ok((await compileFormat({ jsonSchema })).accepts(text), text);
  const mixed = await generated('--json-schema', path, '--json-order', 'any');
  assert.ok((await compileFormat({ jsonSchema, order: 'any' })).accepts(mixed), mixed);
  // The model writes white space without end where it may.
  assert.match(await generated('--json-schema', path, '--json-whitespace', 'any'), /^\{?\s/);
});

test('--regex, --grammar and --choices write what they say', async () => {
  assert.match(await generated('--regex', '[a-z]{3} (cat|dog)s?'), /^[a-z]{3} (?:cat|dog)s?$/);
  const grammar = file('pairs.gbnf', 'root ::= "(" root? ")"\n');
  assert.match(await generated('--grammar', grammar), /^\(+\)+$/);
  const choices = ['--choices', 'a cat\\, a dog,a ball', '--choices', 'her mom'];
  assert.ok(['a cat, a dog', 'a ball', 'her mom'].includes(await generated(...choices)));
});

test('wrong formats are usage errors, before the model is loaded', async () => {
  const refused = async (words: RegExp, ...flags: string[]) => {
    const { code, stdout, stderr } = await run(['generate', ...flags, 'a']);
    assert.is.not(code, 0);
    assert.is(stdout, '');
    assert.match(stderr, words);
  };
  await refused(/give one of --regex and --choices/, '--regex', 'a', '--choices', 'b');
  await refused(/--json-schema cannot read its file/, '--json-schema', join(folder, 'none.json'));
  await refused(/need --json-schema/, '--json-order', 'any');
  await refused(/the regular expression \/\(\//, '--regex', '(');
  await refused(/line 1/, '--grammar', file('bad.gbnf', 'root ::= none'));
  await refused(/bad\.json/, '--json-schema', file('bad.json', '{'));
  await refused(/"minLength"|#\/minLength/, '--json-schema', file('odd.json', '{"minLength": "x"}'));
});

test.run();
