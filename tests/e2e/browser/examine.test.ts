import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ALTERNATIVES } from '../../../src/examine/tutoring/candidates.js';
import { clozeItems, csvReport, examine, htmlReport } from '../../../src/examine.js';
import { embeddedModel, loadModel, type Model } from '../../../src/index.js';
import '../../support/relaxed.js';
import { CHROMIUM } from './chromium.js';
import { inspect } from './flaws.js';
import { button, dropFiles, Playground, ready, text, value } from './playground_page.js';

const TEXT =
  'Once upon a time there was a little girl named Lily. She loved to play outside in the park. One day, she ' +
  'saw a big ball in a tree. Lily climbed the piano and got the ball. She was very happy and ran home.';

const examining = suite('examining');
let own: Playground;
let model: Model;
examining.before(async () => {
  [own, model] = await Promise.all([Playground.start(), loadModel(embeddedModel)]);
});
examining.after(async () => {
  model.dispose();
  await own.close();
});

const outcome = (page: Page, said: string | RegExp) => page.locator('.outcome', { hasText: said }).waitFor();
const open = (page: Page, title: string) => page.locator('summary', { hasText: title }).first().click();

/** Examines a text in the view. */
async function examined(page: Page, given: string): Promise<void> {
  await ready(page);
  await button(page, 'Examine').click();
  await text(page).fill(given);
  await button(page, 'Start').click();
  await outcome(page, 'Examined');
}

/** The pieces of the text that have a colour. */
const coloured = (page: Page, style: string) => page.locator(`.coloured .${style}`).allTextContents();

examining('a text has the figures that it has in Node, in colours and for the keys', () =>
  own.visit(async ({ page }) => {
    const { tokens } = await examine(model, TEXT);
    await examined(page, TEXT);
    const ofRank = (least: number, most: number) =>
      tokens.filter(({ rank }) => rank! > least && rank! <= most).map(({ text }) => text);
    assert.equal(await coloured(page, 'r0'), ofRank(0, 10));
    assert.equal(await coloured(page, 'r2'), ofRank(10, 100));
    assert.equal(await coloured(page, 'r3'), ofRank(100, 1000));
    assert.equal(await coloured(page, 'r4'), ofRank(1000, Number.POSITIVE_INFINITY));
    const unlikely = page.locator('.coloured .p4.r3').first();
    const ground = () => unlikely.evaluate((piece) => getComputedStyle(piece).backgroundColor);
    assert.is(await ground(), 'rgb(248, 191, 180)');
    await page.getByRole('combobox', { name: 'Colours' }).selectOption('probability');
    assert.is(await ground(), 'rgb(244, 178, 165)');
    assert.equal(
      await coloured(page, 'p4'),
      tokens.filter(({ logprob }) => Math.exp(logprob!) < 0.01).map(({ text }) => text),
    );
    await page.getByRole('group', { name: /^Text in colours/ }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
    const said = await page.locator('.figures-of-token').innerText();
    assert.match(said, /^\u00B7upon rank 1, /);
    const [likeliest] = tokens[1]!.top;
    assert.match(said, `Expected: \u201C\u00B7${likeliest!.text.trim()}\u201D`);
    await open(page, 'Words');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('bits');
    assert.match(await page.locator('.table tbody tr').first().innerText(), /^piano\t/);
  }),
);

examining('an exercise is filled in with hints, and an odd word is replaced', () =>
  own.visit(async ({ page }) => {
    await examined(page, TEXT);
    const items = await clozeItems(model, TEXT, { count: 5, seed: 3 });
    await page.getByRole('spinbutton', { name: 'Seed of exercises' }).fill('3');
    await open(page, 'Exercise');
    await page.getByRole('combobox', { name: 'Ask for' }).selectOption('5');
    await button(page, 'Make an exercise').click();
    await outcome(page, 'ready');
    for (const [i, { answer, choices }] of items.entries()) {
      const blank = page.getByRole('combobox', { name: `Blank ${i + 1}`, exact: true });
      const offered = await blank.locator('option').allTextContents();
      assert.equal(offered.slice(1), choices);
      if (i > 0) await blank.selectOption(answer);
      else await blank.selectOption(choices.find((choice) => choice !== answer)!);
    }
    const hint = button(page, 'Hint for blank 1');
    await hint.click();
    await hint.click();
    assert.is(
      await page.locator('.hint').first().innerText(),
      `begins with \u201C${items[0]!.answer[0]}\u201D`,
    );
    await button(page, 'Check').click();
    const { length } = items;
    await page.getByText(`${length - 1} of ${length} right, with 2 hints.`).waitFor();
    const marks = await page.locator('.mark .hidden').allTextContents();
    assert.equal(marks, ['not right', ...Array(length - 1).fill('right')]);

    await open(page, 'Odd words');
    await button(page, 'Look for odd words').click();
    await outcome(page, 'Found 1 odd word.');
    const suggestion = page.locator('.odd button').first();
    const word = await suggestion.innerText();
    await suggestion.click();
    assert.is(await value(page), TEXT.replace('piano', word));
  }),
);

examining('a link carries text and settings to another page, and figures are saved', () =>
  own.visit(
    async ({ page, profile }) => {
      await profile.grantPermissions(['clipboard-read', 'clipboard-write']);
      await examined(page, TEXT);
      await page.getByRole('combobox', { name: 'Colours' }).selectOption('entropy');
      await page.getByRole('spinbutton', { name: 'Seed of exercises' }).fill('42');
      await button(page, 'Link').click();
      await outcome(page, 'copied');
      const address = await page.evaluate(() => navigator.clipboard.readText());
      const other = await profile.newPage();
      await other.goto(address);
      await text(other).waitFor();
      assert.is(await value(other), TEXT);
      assert.is(await other.getByRole('combobox', { name: 'Colours' }).inputValue(), 'entropy');
      assert.is(await other.getByRole('spinbutton', { name: 'Seed of exercises' }).inputValue(), '42');
      await other.evaluate(() => {
        location.hash = '#examine?text=Another+text';
      });
      await other.waitForFunction(
        () => document.querySelector<HTMLTextAreaElement>('#examine-text')?.value === 'Another text',
      );
      await other.close();

      await open(page, 'Save');
      const save = async (kind: string) => {
        const [download] = await Promise.all([page.waitForEvent('download'), button(page, kind).click()]);
        return readFileSync(await download.path(), 'utf8');
      };
      const examination = await examine(model, TEXT, { top: ALTERNATIVES });
      assert.is(await save('JSON'), JSON.stringify(examination, undefined, 2));
      assert.is(await save('CSV'), csvReport(examination));
      assert.is(await save('HTML'), htmlReport([{ name: 'stories', examination }]));
    },
    { serviceWorkers: 'allow' },
  ),
);

examining('long work shows how far it is and can be stopped; results stand side by side', () =>
  own.visit(async ({ page }) => {
    await examined(page, 'A cat sat.');
    await button(page, 'Compare').click();
    await text(page).fill(TEXT.repeat(400));
    await button(page, 'Start').click();
    await page.waitForFunction(
      () => (document.querySelector<HTMLProgressElement>('.work progress')?.value ?? 0) > 0,
    );
    await page.keyboard.press('Control+Enter');
    await outcome(page, 'Stopped.');
    await text(page).fill(TEXT);
    await dropFiles(page, [own.model]);
    await page.locator('#model-name b', { hasText: 'stories.gguf' }).waitFor();
    await open(page, 'Exercise');
    assert.ok(await button(page, 'Make an exercise').isDisabled(), 'this model has not read the text');
    await page.keyboard.press('Control+Enter');
    await outcome(page, 'Examined');
    assert.not(await button(page, 'Make an exercise').isDisabled());
    assert.equal(await page.getByRole('article').locator('h3').allInnerTexts(), ['stories', 'stories.gguf']);
    const results = await page.getByRole('article').locator('.read').allInnerTexts();
    assert.equal(results, ['A cat sat.', TEXT]);
  }),
);

examining('the view with everything open has no flaws', () =>
  own.visit(async ({ page }) => {
    await examined(page, TEXT);
    for (const title of ['Words', 'Sentences', 'Exercise', 'Odd', 'Save']) await open(page, title);
    await button(page, 'Make an exercise').click();
    await outcome(page, 'ready');
    await button(page, 'Hint for blank 1').click();
    await button(page, 'Look for odd words').click();
    await outcome(page, 'Found');
    await inspect(page, 'examined');
  }),
);

if (CHROMIUM !== undefined) examining.run();
