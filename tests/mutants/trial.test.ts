import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mutant } from './mutant.js';
import { Score } from './score.js';
import { tryMutant } from './trial.js';

const FILE = 'src/generate/stop_strings.ts';
const SUITE = 'tests/generate/stop_strings.test.ts';

/** The outcome of changing `original` in FILE, and the number of suites that ran. */
async function outcomeOf(original: string, replacement: string, ran: readonly number[] = [0]) {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  const dryRun = async (suite: string) => ({ seconds: 1, passed: 5, ran: suite === SUITE ? ran : [] });
  const start = readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8').indexOf(original);
  const mutant: Mutant = {
    ...{ file: FILE, id: 0, line: 1, start, end: start + original.length },
    ...{ mutator: 'test', original, replacement },
  };
  try {
    const { outcome, suites } = await tryMutant(mutant, folder, { of: dryRun }, 1);
    return [outcome, suites.length];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a change that a suite notices is killed, and one that no suite notices survives', async () => {
  assert.equal(await outcomeOf('matched + 1 : 0;', 'matched : 0;'), ['killed', 1]);
  assert.equal(await outcomeOf('matched + 1 : 0;', '1 + matched : 0;'), ['survived', 1]);
});

test('a change where no suite runs has no test, and one that does not compile is not counted', async () => {
  assert.equal(await outcomeOf('matched + 1 : 0;', 'matched : 0;', []), ['no test', 0]);
  assert.equal(await outcomeOf('matched + 1 : 0;', 'matched + : 0;'), ['invalid', 0]);
});

test('the score is the share of changes that are noticed, of those that count', () => {
  const score = new Score();
  score.add('killed', 2);
  score.add('timeout');
  score.add('equivalent');
  score.add('invalid');
  score.add('survived');
  assert.is(String(score), '75.0 % of 4 (1 equivalent, 1 invalid, 1 survived, 1 timeout, 2 killed)');
  assert.is(score.unnoticed, 1);
});

test.run();
