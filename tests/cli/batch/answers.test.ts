import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Answers } from '../../../src/cli/batch/answers.js';
import { inFolder } from '../../support/in_folder.js';
import { thrown } from '../../support/thrown.js';

const lineOf = (id: string) => JSON.stringify({ id, custom_id: id });

async function textOf(answers: Answers): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of answers.bytes()) parts.push(bytes);
  return Buffer.concat(parts).toString();
}

test('answers are those so far and those that are added', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'part');
    const first = await Answers.open(path, {});
    await first.add(lineOf('a'));
    await first.close();
    appendFileSync(path, '{"id":"cut of');
    const again = await Answers.open(path, {});
    assert.is(again.count, 1);
    await again.add(lineOf('b'));
    assert.is(again.count, 2);
    assert.is(await textOf(again), `${lineOf('a')}\n${lineOf('b')}\n`);
    await again.close();
  }));

test('answers that two processes write to the same file are no result', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'part');
    const [one, two] = [await Answers.open(path, {}), await Answers.open(path, {})];
    await one.add(lineOf('a'));
    await two.add(lineOf('a'));
    await one.add(lineOf('b'));
    for (const answers of [one, two]) {
      await thrown(() => textOf(answers), 'invalid-file', /another process writes to .*part as well/);
      await answers.close();
    }
  }));

test.run();
