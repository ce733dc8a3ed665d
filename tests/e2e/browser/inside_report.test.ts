import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { attentionPatterns, insideReport, logitAttribution, logitLens } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { inspect, violations } from './flaws.js';
import { MARKUP } from './markup.js';
import { openReport, runsNothing } from './report_file.js';

const TEXT = 'Once upon a time, Zed saw 🙂 <b>.\nHe said hi.';
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-inside-'));
const file = join(folder, 'inside.html');
const model = await loadModel(storiesTiny, { build: 'simd' });
const lens = await logitLens(model, TEXT);
const attention = await attentionPatterns(model, TEXT);
const attribution = await logitAttribution(model, TEXT);
const marked = {
  lens: await logitLens(model, MARKUP),
  attention: await attentionPatterns(model, MARKUP),
  attribution: await logitAttribution(model, MARKUP),
};
model.dispose();
writeFileSync(file, insideReport({ lens, attention, attribution }, { model: 'tiny' }));

let browser: Browser;
test.before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM! });
});
test.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const open = (use: (page: Page) => Promise<void>) => openReport(browser, file, use);

test('the page has all parts and no flaws', async () => {
  await open(async (page) => {
    await inspect(page, 'report');
    assert.is(await page.textContent('.attention .text'), TEXT);
    assert.is(await page.locator('.lens tbody tr').count(), lens.layers.length);
    await page.emulateMedia({ forcedColors: 'active' });
    const grounds = await page
      .locator('.grid td')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).backgroundColor));
    assert.ok(new Set(grounds).size > 2, 'shades differ in forced colours');
    assert.equal(await violations(page), []);
  });
});

test('keys and pointer choose cells of the lens, whose figures are said', async () => {
  await open(async (page) => {
    const cell = page.locator('.lens td').first();
    await cell.focus();
    await page.keyboard.press('ArrowRight');
    const last = lens.layers.length - 1;
    const { rank } = lens.cells[last]![1]!;
    const said = await page.textContent('.lens .detail');
    assert.match(said!, `after ${last} layers, after ·upon: `);
    assert.match(said!, `the next token, ·a, is number ${rank}, `);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowDown');
    const end = lens.positions.length - 1;
    assert.match((await page.textContent('.lens .detail'))!, `after ${last - 1} layer`);
    assert.is(await page.locator('.lens [aria-selected]').count(), 1);
    assert.is(await page.locator('.lens td[tabindex="0"]').count(), 1);
    assert.is(
      await page.locator('.lens tbody tr').nth(1).locator('td').nth(end).getAttribute('aria-selected'),
      'true',
    );
  });
});

test('a head and a token of the text are chosen, and the text is shaded by the attention', async () => {
  await open(async (page) => {
    const { layers, heads, positions, tokens, weights } = attention;
    const [T, layer, head, query] = [tokens.length, layers.length - 1, heads.length - 1, 3];
    await page.locator(`.attention td[data-place="${layer} ${head}"]`).click();
    await page.focus('.attention .text');
    await page.keyboard.press('Home');
    for (let i = 0; i < query; i++) await page.keyboard.press('ArrowRight');
    const start = ((layer * heads.length + head) * positions.length + query) * T;
    const own = Array.from(weights.data.subarray(start, start + query + 1));
    const best = own.indexOf(Math.max(...own));
    const said = (await page.textContent('.attention .detail'))!;
    assert.match(said, `layer ${layer}, head ${head}: on average `);
    assert.match(said, new RegExp(`From ·time: ${[...'Once|·upon|·a|·time'.split('|')][best]} \\d+ %`));
    const shades = await page
      .locator('.attention .text > span')
      .evaluateAll((spans) => spans.map((span) => span.className));
    const levelOf = (weight: number) => [0.05, 0.2, 0.4, 0.7].filter((least) => weight >= least).length;
    // A weight that is rounded to a byte may be on the other side of a limit.
    own.forEach((weight, i) => {
      const level = Number(shades[i]![1]);
      assert.ok([weight - 0.002, weight + 0.002].map(levelOf).includes(level), `${weight}: ${shades[i]}`);
    });
    assert.ok(shades.slice(query + 1).every((shade) => shade === 's0'));
    assert.is(await page.textContent('.text .chosen'), ' time');
  });
});

test('the parts of the logit are rows, and those of whole layers sum to it', async () => {
  await open(async (page) => {
    const values = await page
      .locator('.bars tbody tr')
      .evaluateAll((rows) =>
        rows.map(
          (row) =>
            [row.querySelector('th')!.textContent, Number(row.querySelector('td')!.textContent)] as const,
        ),
      );
    const whole = values.filter(([name]) => !name!.startsWith('\u00a0'));
    const sum = whole.reduce((total, [, value]) => total + value, 0);
    assert.ok(Math.abs(sum - attribution.logit) < 0.001 * whole.length);
  });
});

test('markup in texts and names stays text, and a script in the report can run no text', async () => {
  const own = join(folder, 'marked.html');
  writeFileSync(own, insideReport(marked, { model: MARKUP, title: MARKUP }));
  await runsNothing(browser, own);
});

if (CHROMIUM !== undefined) test.run();
