import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type Model } from '../../../src/index.js';
import { drawToken } from '../../../src/playground/inside/draw.js';
import { NextTokens } from '../../../src/playground/inside/next_tokens.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { flaws } from './flaws.js';
import { button, Playground, ready, text, value } from './playground_page.js';

const BEGINNING = 'Once upon a time there was a little';
const FILTERS = { temperature: 0.8, topK: 0, topP: 0.95 };

const looking = suite('looking inside');
let own: Playground;
let model: Model;
looking.before(async () => {
  own = await Playground.start({ model: storiesTiny });
  model = await loadModel(own.model);
});
looking.after(async () => {
  model.dispose();
  await own.close();
});

/** Opens the view. */
async function opened(page: Page): Promise<void> {
  await ready(page);
  await button(page, 'Look inside').click();
  await page.locator('.bars li').first().waitFor();
}

const bars = (page: Page) => page.locator('.bars li:visible');
const said = (page: Page, message: string | RegExp) =>
  page.locator('#inside .outcome', { hasText: message }).waitFor();
const setting = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });

/** What the model in Node says comes next. */
async function nextOf(given: string): Promise<NextTokens> {
  const ids = model.tokenizer.encode(given);
  return new NextTokens(await model.logits(ids, { from: ids.length - 1 }));
}

/** Waits until the first bar is that of a token. */
async function firstBar(page: Page, id: number): Promise<void> {
  const name = model.tokenizer.decode([id]).replace(/^ /, '\u00B7');
  await page.waitForFunction(
    (wanted) => document.querySelector('.bars .token')?.textContent === wanted,
    name,
  );
}

looking('bars show what the model finds likely, and follow caret, temperature, top k and top p', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    const next = await nextOf(BEGINNING);
    await firstBar(page, next.ids[0]!);
    const share = async (row: number) =>
      Number.parseFloat(await bars(page).nth(row).locator('.chance').innerText());
    for (const temperature of [1, 0.5]) {
      await setting(page, 'Temperature').fill(String(temperature));
      await setting(page, 'Top p').fill('1');
      const { before } = next.chances({ temperature, topK: 0, topP: 1 });
      for (const row of [0, 1, 2]) {
        const difference = Math.abs((await share(row)) - 100 * before[row]!);
        assert.ok(difference < 0.1, `bar ${row} at ${temperature}: ${difference}`);
      }
    }
    await setting(page, 'Top k').fill('2');
    assert.is(await bars(page).locator('s').count(), 8, 'the others are taken away');
    const { before, kept } = next.chances({ temperature: 0.5, topK: 2, topP: 1 });
    assert.is(kept, 2);
    assert.ok(Math.abs((await share(2)) - 100 * before[2]!) < 0.1, 'with the number that they had');
    assert.ok(Math.abs((await share(0)) + (await share(1)) - 100) < 0.2);
    await text(page).focus();
    for (const _ of ' a little') await page.keyboard.press('ArrowLeft');
    await firstBar(page, (await nextOf('Once upon a time there was')).ids[0]!);
  }),
);

looking('a token is drawn as in Node, drawn again, taken, undone and redone', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await setting(page, 'Seed').fill('7');
    let written = BEGINNING;
    for (const index of [0, 1]) {
      const next = await nextOf(written);
      const { hit, number } = drawToken(next, next.chances(FILTERS), 7, index);
      written += model.tokenizer.decode([hit.id]);
      await text(page).focus();
      await page.keyboard.press('Control+Enter');
      await page.locator('.draw-line', { hasText: `number ${index + 1} of seed 7` }).waitFor();
      assert.match(await page.locator('.draw-line b').innerText(), number.toFixed(3));
      assert.is(await value(page), written);
    }
    await button(page, 'Draw again').click();
    await page.locator('.draw-line', { hasText: /number 1 of seed (?!7\b)/ }).waitFor();
    await button(page, 'Undo').click();
    await button(page, 'Undo').click();
    await said(page, 'Undone.');
    assert.is(await value(page), BEGINNING);
    await page.locator('.draw-line').waitFor({ state: 'hidden' });
    await button(page, 'Redo').click();
    await page.locator('.draw-line', { hasText: 'number 1 of seed 7' }).waitFor();
    await text(page).fill('One day');
    const next = await nextOf('One day');
    await button(page, 'Greedy').click();
    await said(page, 'Likeliest');
    assert.is(await value(page), `One day${model.tokenizer.decode([next.ids[0]!])}`);
    await text(page).focus();
    await page.keyboard.press('Control+z');
    await said(page, 'Undone.');
    assert.is(await value(page), 'One day');
  }),
);

for (const colorScheme of ['light', 'dark'] as const) {
  looking(`names, contrast and width in the view: ${colorScheme}`, () =>
    own.visit(
      async ({ page }) => {
        await opened(page);
        await setting(page, 'Top k').fill('3');
        await button(page, 'Step').click();
        await said(page, 'Drawn');
        await page.locator('.draw-line').waitFor();
        assert.equal(await page.evaluate(flaws), []);
        await page.setViewportSize({ width: 1366, height: 768 });
        assert.equal(await page.evaluate(flaws), []);
      },
      { viewport: { width: 320, height: 640 }, colorScheme, reducedMotion: 'reduce' },
    ),
  );
}

if (CHROMIUM !== undefined) looking.run();
