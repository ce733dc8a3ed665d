import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { INSIDE_SCRIPT, INSIDE_SCRIPT_HASH } from '../../../../src/examine/inside/report/script.js';
import { attentionPatterns, insideReport, logitAttribution, logitLens } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => model.dispose());

test('the page allows its script, whose hash it names, and data cannot end their element', async () => {
  const hash = createHash('sha256').update(INSIDE_SCRIPT).digest('base64');
  assert.is(INSIDE_SCRIPT_HASH, `sha256-${hash}`);
  const text = '</script><script>alert(1)</script> & "x"';
  const views = {
    lens: await logitLens(model, text),
    attention: await attentionPatterns(model, text),
    attribution: await logitAttribution(model, text),
  };
  const page = insideReport(views, { model: '<b>', title: 'a & b' });
  assert.is(page.match(/<script/g)!.length, 2);
  assert.match(page, '<title>a &amp; b</title>');
  assert.not.match(page, '<b>');
  assert.match(page, `script-src 'sha256-${hash}'`);
});

test('wrong views and pages that are too large are refused', async () => {
  for (const views of [{}, { lens: 1 }, { lens: {} }, { lenses: [] }, { lens: undefined }]) {
    await thrown(() => insideReport(views as object), 'invalid-option');
  }
  const attention = await attentionPatterns(model, 'A cat');
  await thrown(() => insideReport({ attention }, { model: 1 } as object), 'invalid-option');
  const T = 5000;
  const tokens = Array.from({ length: T }, () => attention.tokens[0]!);
  const positions = tokens.map((_, i) => i);
  await thrown(
    () => insideReport({ attention: { ...attention, tokens, positions } }),
    'invalid-option',
    'choose layers, heads or positions',
  );
});

test.run();
