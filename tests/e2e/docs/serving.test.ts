// docs/serving.md names all that the server takes and answers.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHAT_SCHEMA } from '../../../src/server/chat/request.js';
import { COMPLETION_SCHEMA } from '../../../src/server/completions/request.js';
import { ROUTES } from '../../../src/server/routes.js';

const page = readFileSync(new URL('../../../docs/serving.md', import.meta.url), 'utf8');

/** The names in backticks under a heading. */
function namesUnder(heading: string): Set<string> {
  const [, text] = page.split(`\n## ${heading}\n`);
  const section = text!.split('\n## ')[0]!;
  return new Set(Array.from(section.matchAll(/`([^`]+)`/g), ([, name]) => name!.split('.')[0]!));
}

test('every parameter is described', () => {
  for (const [heading, { entries }] of [
    ['Parameters of completions', COMPLETION_SCHEMA],
    ['Parameters of chat', CHAT_SCHEMA],
  ] as const) {
    const names = namesUnder(heading);
    const missing = Object.keys(entries).filter((name) => !names.has(name));
    assert.equal(missing, [], heading);
  }
});

test('every route is described', () => {
  const names = Array.from(namesUnder('Routes'), (name) => name.replace(/^(GET|POST) /, ''));
  const missing = ROUTES.map(({ path }) => path.replace(/:model.*/, 'NAME')).filter(
    (path) => !names.includes(path),
  );
  assert.equal(missing, []);
});

test.run();
