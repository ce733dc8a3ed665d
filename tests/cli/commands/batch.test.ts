import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mustConform } from '../../support/conforming.js';
import { inFolder } from '../../support/in_folder.js';
import { until } from '../../support/until.js';
import { outcome, run, start } from '../run.js';

const requests = Array.from({ length: 30 }, (_, i) => {
  const body = { prompt: `Once ${i}`, max_tokens: 12, ...(i % 3 === 0 && { seed: i }) };
  const request = { custom_id: `r${i}`, method: 'POST', url: '/v1/completions', body };
  return JSON.stringify(i === 7 ? { ...request, body: { temperature: -1 } } : request);
});

test('a batch that is killed goes on, and shards together have the bytes of the whole', () =>
  inFolder({}, async (folder) => {
    const at = (name: string) => join(folder, name);
    writeFileSync(at('in.jsonl'), `${requests.join('\n')}\n\n`);
    const args = ['--model', 'tests/fixtures/stories-tiny'];
    const whole = await run(['batch', at('in.jsonl'), at('out.jsonl'), ...args]);
    assert.is(whole.code, 0, whole.stderr);
    assert.match(whole.stderr, '30 requests answered, 1 with an error\n');
    const out = readFileSync(at('out.jsonl'), 'utf8');
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const answer of answers) mustConform(answer, 'batchLine');
    assert.equal(
      answers.map(({ custom_id, response }) => [custom_id, response.status_code]),
      requests.map((_, i) => [`r${i}`, i === 7 ? 400 : 200]),
    );
    assert.not.ok(existsSync(at('out.jsonl.part')));

    const child = start(['batch', at('in.jsonl'), at('killed.jsonl'), ...args]);
    const end = outcome(child);
    const part = at('killed.jsonl.part');
    const lines = () => (existsSync(part) ? readFileSync(part, 'utf8').split('\n').length : 0);
    await until(() => lines() > 3 || existsSync(at('killed.jsonl')));
    child.kill('SIGKILL');
    await end;
    // A process may be ended within a line.
    if (existsSync(part)) appendFileSync(part, out.slice(0, 80));
    const again = await run(['batch', at('in.jsonl'), at('killed.jsonl'), ...args, '--force']);
    assert.is(again.code, 0, again.stderr);
    assert.is(readFileSync(at('killed.jsonl'), 'utf8'), out);

    const shards = [1, 2, 3].map((i) => at(`${i}.jsonl`));
    await Promise.all(
      shards.map((path, i) => run(['batch', at('in.jsonl'), path, ...args, '--shard', `${i + 1}/3`])),
    );
    assert.is(shards.map((path) => readFileSync(path, 'utf8')).join(''), out);
  }));

test('what is no batch, and answers to another one, are refused', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'in.jsonl');
    const out = join(folder, 'out.jsonl');
    writeFileSync(path, `${requests[0]}\n${requests[0]}\n`);
    const twice = await run(['batch', path, out]);
    assert.equal([twice.code, twice.stdout], [1, '']);
    assert.match(twice.stderr, `${path} line 2 repeats the custom_id "r0"`);
    writeFileSync(path, requests[0]!);
    writeFileSync(`${out}.part`, 'text\n');
    const other = await run(['batch', path, out]);
    assert.is(other.code, 1);
    assert.match(other.stderr, 'was begun with other flags');
    writeFileSync(`${out}.part`, '{"format":"gpt2');
    const begun = await run(['batch', path, out, '--model', 'tests/fixtures/stories-tiny']);
    assert.is(begun.code, 0, begun.stderr);
    assert.is(JSON.parse(readFileSync(out, 'utf8')).custom_id, 'r0');
    const exists = await run(['batch', path, out]);
    assert.is(exists.code, 2);
    assert.match(exists.stderr, 'exists already; --force overwrites it');
  }));

test.run();
