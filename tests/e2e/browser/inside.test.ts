import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attentionPatterns, logitLens } from '../../../src/examine.js';
import { loadModel, type Model } from '../../../src/index.js';
import { drawToken } from '../../../src/playground/inside/draw.js';
import { NextTokens } from '../../../src/playground/inside/next_tokens.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { inspect } from './flaws.js';
import { button, dropFiles, Playground, ready, text, value } from './playground_page.js';

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
    assert.is(await bars(page).locator('s').count(), 6, 'the others are taken away');
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

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

looking('the caret and the focus stay, and a text may begin and end', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await text(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' dog');
    await button(page, 'Greedy').click();
    await said(page, 'Likeliest');
    const written = await value(page);
    // Chromium forgets a caret that was set from outside of the field.
    await page.getByRole('switch', { name: 'layer 1, head 1' }).click();
    await button(page, 'Open').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.type('!');
    assert.is(await value(page), `${written}!`);

    await button(page, 'Undo').focus();
    while (await button(page, 'Undo').isEnabled()) await page.keyboard.press('Enter');
    assert.is(await value(page), BEGINNING);
    assert.is(await focused(page), 'Redo');

    await text(page).fill('');
    await page.getByText('There is nothing before the caret.').waitFor();
    const { bosTokenId, eosTokenId } = model.tokenizer;
    await chipsOf(page, [bosTokenId!]);
    await text(page).fill('The end.<|endoftext|>Once');
    await chipsOf(page, [
      ...model.tokenizer.encode('The end.'),
      eosTokenId!,
      ...model.tokenizer.encode('Once'),
    ]);
  }),
);

const chip = (page: Page, number: number) =>
  page.getByRole('button', { name: new RegExp(`^token ${number}:`) });
/** Waits until the tokens are these. */
const chipsOf = (page: Page, ids: readonly number[]) =>
  page.waitForFunction(
    (wanted) => [...document.querySelectorAll('.chip .id')].map((id) => id.textContent).join() === wanted,
    ids.join(),
  );
const details = (page: Page, label: string | RegExp) =>
  page.locator('.figures-of-token', { hasText: label }).waitFor();

looking(
  'tokens have ids and bytes, and their attention by layer and head is that of Node, for the keys too',
  () =>
    own.visit(async ({ page }) => {
      await opened(page);
      const given = 'Mia \u{1F600}';
      await text(page).fill(given);
      const ids = model.tokenizer.encode(given);
      await chipsOf(page, ids);
      const last = model.tokenizer.tokenBytes(ids.at(-1)!);
      const hexadecimal = Array.from(last, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(
        ' ',
      );
      assert.is(await page.locator('.chip .token').last().innerText(), `<${hexadecimal}>`);

      await text(page).fill(BEGINNING);
      const number = 6;
      await chipsOf(page, model.tokenizer.encode(BEGINNING));
      await chip(page, number - 1).focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.locator(`.chip[aria-pressed="true"]:nth-child(${number})`).waitFor();
      const { weights } = await attentionPatterns(model, BEGINNING, {
        positions: [number - 1],
        layers: [1],
        heads: [2],
      });
      const head = button(page, 'layer 2, head 3');
      await page.waitForFunction(
        () => document.querySelector<HTMLElement>('.cell')?.style.backgroundImage !== '',
      );
      await button(page, 'layer 1, head 3').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.is(await head.getAttribute('aria-pressed'), 'true');
      await details(page, /of its attention \(layer 2, head 3\)/);
      await page.locator('summary', { hasText: 'As a table' }).click();
      const cells = page.getByRole('table', { name: 'Attention from' }).locator('tbody td:last-child');
      await cells.first().waitFor();
      const shown = await cells.allInnerTexts();
      assert.is(shown.length, number);
      for (const [i, cell] of shown.entries()) {
        if (cell.startsWith('<')) assert.ok(weights.data[i]! < 1e-4);
        else assert.ok(Math.abs(Number.parseFloat(cell) - 100 * weights.data[i]!) < 0.5, `${cell} at ${i}`);
      }
    }),
);

looking('the lens shows what each layer would say', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    const { cells, positions } = await logitLens(model, BEGINNING, {
      positions: [-5, -4, -3, -2, -1],
      top: 1,
    });
    const name = (id: number) => model.tokenizer.decode([id]).replace(/^ /, '\u00B7');
    const rows = page.locator('.lens tbody tr');
    await rows.first().waitFor();
    assert.is(await rows.count(), cells.length);
    for (const row of [0, cells.length - 1]) {
      const shown = await rows.nth(row).locator('.token').allInnerTexts();
      assert.equal(
        shown,
        cells[row]!.map(({ top }) => name(top[0]!.id)),
      );
    }
    assert.is(positions.length, 5);
    await rows.last().getByRole('button').last().focus();
    await page.keyboard.press('ArrowUp');
    await details(page, new RegExp(`^After layer ${cells.length - 2}, after `));
  }),
);

looking('heads that are off and steering change bars and text as in Node, beside the unchanged ones', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    const off = [0, 1, 2];
    for (const head of off) await page.getByRole('switch', { name: `layer 1, head ${head + 1}` }).click();
    const edit = [{ hook: 'blocks.0.attn.hook_z', heads: off, op: 'zero' as const }];
    const ids = model.tokenizer.encode(BEGINNING);
    const next = new NextTokens(await model.logits(ids, { from: ids.length - 1, edit }));
    await firstBar(page, next.ids[0]!);
    await page.locator('.bars .was').first().waitFor();
    const texts = page.locator('.effect .read');
    const greedy = { maxTokens: 20, temperature: 0 };
    const unchanged = await model.generate(ids, greedy);
    const changed = await model.generate(ids, { ...greedy, edit });
    assert.is.not(changed.text, unchanged.text);
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('.effect .read')[1]?.textContent === wanted,
      changed.text,
    );
    assert.is(await texts.first().textContent(), unchanged.text);
    await button(page, 'Greedy').click();
    await said(page, 'Likeliest');
    assert.is(
      await value(page),
      BEGINNING + model.tokenizer.decode([next.ids[0]!]),
      'the changed model writes',
    );
    await button(page, 'Undo all changes').click();
    await page.locator('.effect', { hasText: 'Nothing is changed' }).waitFor();
    assert.is(await page.locator('.bars .was').count(), 0);
    await page.getByRole('textbox', { name: 'Towards these words' }).fill('dog, cat');
    await page.getByRole('slider', { name: 'Strength' }).fill('-2');
    await page.locator('.effect mark').waitFor();
    await page.locator('.bars .was').first().waitFor();
    await page.getByRole('textbox', { name: 'Away from these' }).fill(' , ');
    await page.keyboard.press('Tab');
    await page.getByText('Each of the two fields needs a word.').waitFor();
    await page.locator('.effect', { hasText: 'Nothing is changed' }).waitFor();

    await page.getByRole('switch', { name: 'layer 1, head 1' }).click();
    await dropFiles(page, [own.model]);
    await page.locator('#model-name b', { hasText: 'stories.gguf' }).waitFor();
    assert.is(
      await page.getByRole('switch', { checked: false }).count(),
      0,
      'another model has all of its heads',
    );
    await text(page).fill('One day '.repeat(model.config.contextLength));
    await page.getByText(`only its last ${model.config.contextLength} tokens are read`).waitFor();
    await button(page, 'Greedy').click();
    await said(page, 'Likeliest');
    assert.not(await page.locator('#problem').isVisible());
  }),
);

looking('the view with everything open has no flaws, and a step moves no button', () =>
  own.visit(
    async ({ page }) => {
      await opened(page);
      await setting(page, 'Top k').fill('3');
      const height = () => page.locator('#inside .tools').evaluate((bar) => bar.clientHeight);
      const before = await height();
      await button(page, 'Step').click();
      await said(page, 'Drawn');
      assert.is(await height(), before, 'the buttons stay where they are');
      await page.locator('.draw-line').waitFor();
      for (const title of ['Tokens and attention', 'Layer by layer', 'Switch heads off'])
        await page.locator('summary', { hasText: title }).click();
      await page.getByRole('switch', { name: 'layer 2, head 1' }).click();
      await page.locator('.effect .read').first().waitFor();
      await page.locator('.lens button').first().focus();
      await page.locator('summary', { hasText: 'As a table' }).click();
      await page.locator('summary', { hasText: 'What are these?' }).click();
      await inspect(page, 'everything open');
      await page.emulateMedia({ forcedColors: 'active' });
      const grounds = (name: string) =>
        page.locator(name).evaluateAll((all) => all.map((one) => getComputedStyle(one).background));
      for (const name of ['.chip', '.lens button', '.cell[aria-checked]', '.cell:not([aria-checked])'])
        assert.ok(new Set(await grounds(name)).size > 1, `${name}: weights differ in forced colours`);
    },
    { viewport: { width: 920, height: 640 } },
  ),
);

if (CHROMIUM !== undefined) looking.run();
