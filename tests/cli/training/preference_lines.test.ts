import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preferenceLines } from '../../../src/cli/training/preference_lines.js';
import { thrown } from '../../support/thrown.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-preference-lines-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function fileOf(ending: string, ...lines: readonly unknown[]): string {
  const path = join(folder, `${files++}.${ending}`);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(path, text.join('\n'));
  return path;
}

const read = (paths: readonly string[], isSingle = false) =>
  preferenceLines(paths, isSingle, new AbortController().signal);

const PAIR = { prompt: 'Tom', chosen: ' sat.', rejected: ' ran, fell.' };
const JUDGED = { prompt: 'Tom', completion: ' sat.', label: true };

test('pairs are lines of JSON or of CSV; other keys are ignored, and a prompt may be empty', async () => {
  const json = fileOf('jsonl', { ...PAIR, model: 'x' }, '', { ...PAIR, prompt: '' });
  const csv = fileOf('csv', 'rejected,id,prompt,chosen', '" ran, fell.",7,Tom, sat.');
  assert.equal(await read([json, csv]), [PAIR, { ...PAIR, prompt: '' }, PAIR]);
  assert.equal(await read([json, csv], true), [PAIR, { ...PAIR, prompt: '' }, PAIR]);
});

test('single answers have a label that is true or false', async () => {
  const json = fileOf('jsonl', JUDGED, { ...JUDGED, label: false }, PAIR);
  const csv = fileOf('csv', 'prompt,completion,label', 'Tom, sat.,True', 'Tom, sat.,false');
  const both = [JUDGED, { ...JUDGED, label: false }];
  assert.equal(await read([json, csv], true), [...both, PAIR, ...both]);
});

test('a line that lacks something is refused with file and line', async () => {
  const refused = async (line: unknown, isSingle: boolean, ...words: string[]) => {
    const path = fileOf('jsonl', PAIR, line);
    await thrown(() => read([path], isSingle), 'invalid-file', `${path} line 2`, ...words);
  };
  await refused({ prompt: 'a', chosen: 'b' }, false, '"rejected"');
  await refused({ chosen: 'b', rejected: 'c' }, false, '"prompt"');
  await refused(JUDGED, false, '"chosen"', '--loss kto');
  await refused({ prompt: 'a' }, true, '"chosen", or "completion" and "label"');
  await refused({ ...JUDGED, label: 'good' }, true, '"label" that is true or false');
  await refused(
    { ...PAIR, prompt: [{ role: 'user', content: 'a' }] },
    false,
    'messages are read of the choices of a --user alone',
  );
  await refused('{', false);
  const csv = fileOf('csv', 'prompt,chosen', 'a,b');
  await thrown(() => read([csv]), 'invalid-file', 'column rejected');
  await thrown(() => read([fileOf('txt', 'a')]), 'invalid-option', 'no file of preferences');
});

test.run();
