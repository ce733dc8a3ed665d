import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HTML_SCRIPT, HTML_SCRIPT_HASH } from '../../../src/examine/report/html_script.js';
import { COLOURINGS, LEGENDS, levelOf } from '../../../src/examine/report/levels.js';
import { examine, htmlReport } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { shardedFiles } from '../../support/small_model.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(await shardedFiles(), { build: 'simd' });
test.after(() => model.dispose());

test('the policy allows the script, and nothing from elsewhere', async () => {
  const hash = createHash('sha256').update(HTML_SCRIPT).digest('base64');
  assert.is(HTML_SCRIPT_HASH, `sha256-${hash}`);
  const report = htmlReport(await examine(model, 'Once upon a time.'));
  assert.match(report, `script-src 'sha256-${hash}'`);
  assert.match(report, "default-src 'none'");
  assert.not.match(report, /\bsrc=|href=|@import|url\(/);
});

test('texts, names and titles are content, whatever they contain', async () => {
  const evil = '</script><img src=x onerror=alert(1)>"\'&\u0000\u001b[31m';
  const report = htmlReport([{ name: evil, examination: await examine(model, evil) }], {
    title: evil,
    model: evil,
  });
  const tags = new Set(Array.from(report.matchAll(/<(\w+)/g), ([, name]) => name));
  assert.not(tags.has('img'));
  assert.is(report.split('<script').length, 2);
  assert.not(report.includes('\u0000') || report.includes('\u001b'));
  await thrown(() => htmlReport([], { title: 5 as never }), 'invalid-option', 'title is 5');
  await thrown(() => htmlReport([], { titel: 'a' } as never), 'invalid-option', 'title?');
});

test('levels follow rank, probability and entropy', () => {
  const token = (logprob: number, rank: number, entropy: number) => ({
    ...{ id: 0, text: 'a', start: 0, end: 1, top: [] },
    ...{ logprob, rank, entropy },
  });
  const levels = (logprob: number, rank: number, bits: number) =>
    COLOURINGS.map((colouring) => levelOf(colouring, token(logprob, rank, bits * Math.LN2)));
  assert.equal(levels(Math.log(0.6), 1, 0), [0, 0, 0]);
  assert.equal(levels(Math.log(0.3), 11, 1.5), [2, 1, 1]);
  assert.equal(levels(Math.log(0.1), 100, 2.5), [2, 2, 2]);
  assert.equal(levels(Math.log(0.02), 1000, 5.9), [3, 3, 3]);
  assert.equal(levels(-700, 1001, 6.1), [4, 4, 4]);
  assert.is(levelOf('rank', { id: 0, text: 'a', start: 0, end: 1, top: [] }), undefined);
  for (const colouring of COLOURINGS)
    assert.is(new Set(LEGENDS[colouring].map(([level]) => level)).has(0), true);
});

test.run();
