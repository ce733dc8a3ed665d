import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inFolder } from '../support/in_folder.js';
import { outcome, start } from './run.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const commands = readdirSync(new URL('../../src/cli/commands', import.meta.url)).map((name) =>
  name.replace('.ts', '').replaceAll('_', '-'),
);

test('every command is run by suites, whose processes may ask no other machine', () => {
  const suites = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const code = suites.map((name) => readFileSync(join(here, name), 'utf8')).join('\n');
  assert.ok(commands.length > 20);
  assert.equal(
    commands.filter((name) => !code.includes(`'${name}'`)),
    [],
  );
});

test('a process that asks another machine is ended', () =>
  inFolder({}, async (folder) => {
    const child = start(['info', 'owner/model'], [], { HF_HOME: folder, HF_ENDPOINT: 'http://192.0.2.1' });
    const { code, stderr } = await outcome(child);
    assert.is(code, null);
    assert.match(stderr, /^this process asked 192\.0\.2\.1/);
  }));

test.run();
