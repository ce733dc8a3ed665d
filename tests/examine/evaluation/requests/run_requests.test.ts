import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EvaluationRequest } from '../../../../src/examine/evaluation/requests/request.js';
import { RequestLog } from '../../../../src/examine/evaluation/requests/request_log.js';
import { loglikelihoods, runRequests } from '../../../../src/examine/evaluation/requests/run_requests.js';
import { lineLogFile } from '../../../../src/files/folder/line_log_file.js';
import { embeddedModel, loadModel, type Model } from '../../../../src/index.js';
import { inFolder } from '../../../support/in_folder.js';
import { near } from '../../../support/near.js';
import { thrown } from '../../../support/thrown.js';

const folder = new URL('../../../fixtures/lm/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const lm = await loadModel(fileURLToPath(folder), { build: 'simd' });
const stories = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => {
  for (const model of [lm, stories]) model.dispose();
});

const { cases: pairs } = read('loglikelihood.json') as {
  cases: { context: number[]; continuation: number[]; logprob: number; is_greedy: boolean }[];
};

/** A model whose calls are counted. */
function counted(model: Model): { model: Model; calls: () => number } {
  let calls = 0;
  const loglikelihood: Model['loglikelihood'] = (...args) => {
    calls++;
    return model.loglikelihood(...args);
  };
  return { model: { config: model.config, loglikelihood } as Model, calls: () => calls };
}

test("many continuations are measured together as EleutherAI's harness measures each", async () => {
  const found = await loglikelihoods(lm, pairs);
  for (const [i, { logprob, is_greedy }] of pairs.entries()) {
    near(found[i]!.logprob, logprob, 1e-4, `pair ${i}`);
    assert.is(found[i]!.isGreedy, is_greedy, `pair ${i}`);
  }
});

test('texts are measured in disjoint windows of the context length', async () => {
  const { cases } = read('rolling.json') as {
    cases: { ids: number[]; logprob: number }[];
  };
  const requests = cases.map(({ ids }) => ({ type: 'loglikelihood_rolling' as const, text: ids }));
  const found = await runRequests(lm, requests);
  for (const [i, { logprob }] of cases.entries()) near(found[i]!.logprob!, logprob, 1e-4, `text ${i}`);
});

test('equal requests are asked once, and progress counts all of them', async () => {
  const { model, calls } = counted(lm);
  const some = pairs.slice(0, 5);
  const done: number[] = [];
  const twice = await loglikelihoods(model, [...some, ...some], {
    onProgress: (progress) => {
      assert.is(progress.total, 10);
      done.push(progress.done);
    },
  });
  assert.is(calls(), 5);
  assert.equal(twice.slice(0, 5), twice.slice(5));
  assert.equal(done, [5, 6, 7, 8, 9, 10]);
});

test('a generation ends before the first of its texts, after a context that was cut at its start', async () => {
  const settings = { until: ['.', '!'], maxTokens: 40, temperature: 0, topK: 0, topP: 1, seed: 0 };
  const context = 'Once upon a time there was a little girl named Lily. '.repeat(60);
  const tokens = stories.tokenizer.encode(context);
  assert.ok(tokens.length > stories.config.contextLength);
  const [answer] = await runRequests(stories, [{ type: 'generate_until', context, settings }]);
  const whole = await stories.generate(tokens.slice(-(stories.config.contextLength - 40)), {
    temperature: 0,
    maxTokens: 40,
  });
  assert.is(answer!.text, whole.text.split(/[.!]/)[0]);
});

test('an error says which request it is about, and a signal ends all', async () => {
  const long = { type: 'loglikelihood' as const, context: [1], continuation: new Array<number>(65).fill(1) };
  const fine = { type: 'loglikelihood' as const, context: [1], continuation: [2] };
  await thrown(() => runRequests(lm, [fine, long]), 'context-full', /^request 1: .*65 tokens/);
  const nameOf = (index: number) => `document ${index} of x`;
  await thrown(() => runRequests(lm, [fine, long], { nameOf }), 'context-full', /^document 1 of x: /);
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done === 3) controller.abort();
  };
  await thrown(() => loglikelihoods(lm, pairs, { signal: controller.signal, onProgress }), 'aborted');
});

test('a run continues after the last complete line of its log, and other models have their own answers', async () => {
  await inFolder({}, async (place) => {
    const path = join(place, 'log.jsonl');
    const requests: EvaluationRequest[] = pairs
      .slice(0, 8)
      .map(({ context, continuation }) => ({ type: 'loglikelihood', context, continuation }));
    const run = async (name: string) => {
      const lines = await lineLogFile(path);
      const { model, calls } = counted(lm);
      const log = await RequestLog.open(lines, name);
      const answers = await runRequests(model, requests, { log });
      await lines.close();
      return { answers, calls: calls() };
    };
    const first = await run('a');
    assert.is(first.calls, 8);
    assert.equal(await run('a'), { answers: first.answers, calls: 0 });
    // A process that was killed may leave half of a line.
    truncateSync(path, readFileSync(path).length - 20);
    assert.equal(await run('a'), { answers: first.answers, calls: 1 });
    assert.equal(await run('a'), { answers: first.answers, calls: 0 });
    assert.is((await run('b')).calls, 8);
    appendFileSync(path, '{"key":"x","answer":{"logprob":null}}\n');
    assert.equal(await run('a'), { answers: first.answers, calls: 0 });
    truncateSync(path, 10);
    assert.is((await run('a')).calls, 8);
    assert.equal(await run('a'), { answers: first.answers, calls: 0 });
    // Another file stays as it is.
    writeFileSync(path, '{"text":"a document"}');
    await thrown(() => run('a'), 'invalid-file', /is no log of requests/);
    assert.is(readFileSync(path, 'utf8'), '{"text":"a document"}');
  });
});

test.run();
