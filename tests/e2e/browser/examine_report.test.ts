import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Examination, examine, htmlReport } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { inspect } from './flaws.js';
import { MARKUP } from './markup.js';
import { openReport, runsNothing } from './report_file.js';

const TEXT = 'Once upon a time, Zed saw 🙂 <b>&amp;</b>.\r\n\n"Hi!" he said. مرحبا 日本';
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-report-'));
const file = join(folder, 'report.html');
let browser: Browser;
let examination: Examination;
let marked: string;

test.before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM! });
  const model = await loadModel(storiesTiny, { build: 'simd' });
  examination = await examine(model, TEXT);
  const named = { name: MARKUP, examination: await examine(model, MARKUP) };
  marked = htmlReport([named], { model: MARKUP, title: MARKUP });
  model.dispose();
});
test.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const open = (use: (page: Page) => Promise<void>) => openReport(browser, file, use);

test('the report has the text, legends for its colours, and tables, and no flaws', async () => {
  writeFileSync(file, htmlReport([{ name: 'a.txt', examination }], { model: 'tiny' }));
  await open(async (page) => {
    assert.is(await page.textContent('.text'), TEXT.replace('\r\n', '\n'));
    for (const summary of await page.locator('summary').all()) await summary.click();
    for (const by of ['probability', 'entropy', 'rank']) {
      await page.check(`#by-${by}`);
      await inspect(page, by);
      assert.is(await page.locator('.legend:visible').count(), 1);
    }
    const rows = await page.locator('table.tokens tbody tr').count();
    assert.is(rows, examination.tokens.length);
    assert.is(await page.locator('table.words tbody tr').count(), examination.words.length);
    const grounds = await page
      .locator('.text span')
      .evaluateAll((spans) => spans.map((span) => getComputedStyle(span).backgroundColor));
    assert.ok(new Set(grounds).size > 2, 'ranks have different colours');
  });
});

test('keys choose a token, whose figures are said', async () => {
  await open(async (page) => {
    await page.focus('.text');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const { surprisal, rank } = examination.tokens[1]!;
    const detail = await page.textContent('.detail');
    assert.match(detail!, `Token: \u00b7upon; Rank: ${rank}; `);
    assert.match(detail!, `Surprisal (bits): ${surprisal!.toFixed(2)}`);
    assert.is(await page.textContent('.chosen'), ' upon');
    await page.locator('.text span').first().hover();
    assert.match((await page.textContent('.detail'))!, 'Token: Once');
  });
});

test('10,000 tokens open', async () => {
  const tokens = Array.from({ length: 10_000 }, (_, i) => examination.tokens[i % examination.tokens.length]!);
  const report = htmlReport({ ...examination, tokens });
  assert.ok(report.length < 10e6, `${report.length} characters`);
  writeFileSync(file, report);
  await open(async (page) => {
    await page.locator('summary', { hasText: 'Tokens' }).click();
    assert.is(await page.locator('table.tokens tbody tr').count(), 10_000);
    await page.focus('.text');
    await page.keyboard.press('End');
    assert.match((await page.textContent('.detail'))!, 'Rank');
  });
});

test('markup in texts and names stays text, and a script in the report can run no text', async () => {
  writeFileSync(file, marked);
  await runsNothing(browser, file);
});

if (CHROMIUM !== undefined) test.run();
