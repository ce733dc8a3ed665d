import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM } from './chromium.js';
import { inspect } from './flaws.js';
import {
  button,
  field,
  generate,
  Playground,
  ready,
  restOn,
  summary,
  text,
  value,
} from './playground_page.js';

const BEGINNING = 'Once upon a time';
const ENDINGS = [' there was a dog.', ' there was a cat.', ' a girl ran.', ' a boy sang.', ' it was warm.'];

const choosing = suite('choices');
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-choices-'));
let own: Playground;

choosing.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
choosing.after(async () => {
  await own.close();
  rmSync(folder, { recursive: true, force: true });
});

const note = (page: Page, choices: string) => page.locator('#choice-note', { hasText: choices }).waitFor();
const rows = (page: Page) => page.getByRole('list', { name: /^Choices/ }).getByRole('listitem');
const learned = (page: Page) => page.getByRole('list', { name: 'Learned from my choices' });
const said = (page: Page, message: string | RegExp) =>
  page.locator('#choices-summary', { hasText: message }).waitFor();
const named = (page: Page, name: RegExp) => page.locator('#model-name b', { hasText: name }).waitFor();

/** The folder with the files of an archive. */
function unpacked(zip: string): string {
  const entries = Object.entries(unzipSync(readFileSync(zip)));
  for (const [path, bytes] of entries) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return dirname(join(folder, entries[0]![0]));
}

async function saved(page: Page, click: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

const fileOf = (choices: readonly object[]) => ({
  name: 'dogs.jsonl',
  mimeType: 'application/jsonl',
  buffer: Buffer.from(choices.map((choice) => JSON.stringify(choice)).join('\n')),
});

/** A file in which a good dog is preferred `count` times. */
const preferences = (count: number) =>
  fileOf(
    Array.from({ length: count }, (_, i) => ({
      prompt: `${BEGINNING} ${'very '.repeat(i)}`,
      chosen: ' the dog was good.',
      rejected: ENDINGS[i % ENDINGS.length],
    })),
  );

/** A file in which dogs have a thumb up, and others a thumb down. */
const thumbs = (count: number) =>
  fileOf(
    Array.from({ length: count }, (_, i) => ({
      prompt: `${BEGINNING} ${'very '.repeat(i)}`,
      completion: ENDINGS[i % ENDINGS.length],
      label: i % ENDINGS.length === 0,
    })),
  );

choosing('nothing is kept unless it is switched on; then thumbs, variants and tokens are', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill(BEGINNING);
    const first = await generate(page, 12);
    const choose = async () => {
      await restOn(page, BEGINNING.length + 1);
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Choose one to continue from there.').waitFor();
      await dialog.getByRole('button', { disabled: false }).nth(1).click();
      await summary(page)
        .filter({ hasText: /token|ended/ })
        .waitFor();
    };
    await choose();
    assert.ok(await page.locator('#choice-bar').isHidden());
    await button(page, 'Undo').click();
    await page.getByRole('checkbox', { name: 'Keep my choices' }).check();
    await note(page, '0 choices');

    assert.is(await value(page), first);
    await button(page, 'Good').click();
    await note(page, '1 choice');
    assert.is(await button(page, 'Good').getAttribute('aria-pressed'), 'true');
    await button(page, 'Bad').click();
    await until(async () => (await button(page, 'Bad').getAttribute('aria-pressed')) === 'true');
    assert.is(await button(page, 'Good').getAttribute('aria-pressed'), 'false');
    await button(page, 'Bad').click();
    await note(page, '0 choices');
    await button(page, 'Bad').click();
    await note(page, '1 choice');

    await button(page, 'Compare').click();
    await summary(page).filter({ hasText: 'Choose the best of 3.' }).waitFor();
    await inspect(page, 'variants');
    const other = await page.locator('#variant-2').innerText();
    await button(page, 'Take number 2').click();
    await note(page, '3 choices');
    assert.is(await value(page), BEGINNING + other);
    await button(page, 'Undo').click();
    assert.is(await value(page), first, 'a variant is a step to undo');
    await choose();
    await note(page, '4 choices');

    await button(page, 'See them').click();
    await rows(page).nth(3).waitFor();
    assert.match(await rows(page).last().innerText(), /^Thumb · stories · .*\n\s*Once upon a time\s+Bad/);
    assert.match(
      await page.locator('#choice-count').innerText(),
      /^3 preferences, 0 good and 1 bad thumbs\./,
    );
    await page.getByText('Learning needs 8 preferences or 16 thumbs; there are 3').waitFor();
    assert.ok(await button(page, 'Learn from my choices').isDisabled());
    await page.getByRole('checkbox', { name: 'Keep my choices while I write' }).uncheck();
    await button(page, 'Write').click();
    assert.ok(await page.locator('#choice-bar').isHidden());
  }),
);

choosing('choices are edited, deleted, and moved to and from files', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await button(page, 'Teach').click();
    await button(page, 'My choices').click();
    const input = page.locator('#choices-input');
    await input.setInputFiles({
      ...preferences(0),
      name: 'wrong.jsonl',
      buffer: Buffer.from('{"prompt":"a"}'),
    });
    await page.getByRole('alert').filter({ hasText: 'wrong.jsonl line 1 must be an object' }).waitFor();
    await input.setInputFiles(preferences(25));
    await said(page, '25 choices of dogs.jsonl added.');
    assert.is(await rows(page).count(), 20);
    await button(page, 'Show more').click();
    assert.is(await rows(page).count(), 25);

    await button(page, 'Edit choice 1').click();
    await page.getByRole('textbox', { name: 'Chosen' }).fill(ENDINGS[24 % 5]!);
    await button(page, 'Save').click();
    await page.getByText('The choice has the same text').waitFor();
    await page.getByRole('textbox', { name: 'Chosen' }).fill(' the dog was better.');
    await button(page, 'Save').click();
    await said(page, 'The choice is changed.');
    await button(page, 'Delete choice 2').click();
    await said(page, 'The choice is deleted.');
    await until(async () => (await rows(page).count()) === 24);
    const path = await saved(page, () => button(page, 'Save as .jsonl').click());
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    assert.is(lines.length, 24);
    const { prompt, chosen, rejected } = JSON.parse(lines.at(-1)!);
    assert.equal(
      [prompt, chosen, rejected],
      [`${BEGINNING} ${'very '.repeat(24)}`, ' the dog was better.', ENDINGS[4]],
    );
    page.once('dialog', (dialog) => void dialog.accept());
    await button(page, 'Delete all').click();
    await page.getByText('There are no choices yet.').waitFor();
    await input.setInputFiles(path);
    await said(page, '24 choices of choices.jsonl added.');
    await page.reload();
    await button(page, 'My choices').click();
    await until(async () => (await rows(page).count()) === 20);
  }),
);

choosing(
  'an adapter is learned from choices while the page goes on; switched, kept, saved and forgotten',
  () =>
    own.visit(async ({ page }) => {
      await ready(page);
      await button(page, 'Teach').click();
      await button(page, 'My choices').click();
      await page.locator('#choices-input').setInputFiles(preferences(20));
      await said(page, '20 choices');
      await field(page, 'Passes').fill('3');
      await page.getByRole('combobox', { name: 'Learning rate' }).selectOption('0.001');
      await page.keyboard.press('Control+Enter');
      await button(page, 'Write').click();
      await text(page).fill(BEGINNING);
      const plain = await generate(page, 12);
      await button(page, 'Teach').click();
      await said(page, /^Learned in 12 steps\. This browser stores it as .My choices.\.$/);
      await page.waitForFunction(() => document.querySelector('#choices-curve polyline') !== null);
      const samples = await page.locator('#choices-samples li').allInnerTexts();
      assert.match(samples.at(-1)!, /^Before\s+/);
      assert.match(samples[0]!, /^After step 12\s+/);
      const about = await learned(page).getByRole('listitem').innerText();
      assert.match(
        about,
        /20 preferences, 12 steps, .* It follows your choice in \d+ % of 4 preferences held out/,
      );
      await inspect(page, 'learned');

      const zip = await saved(page, () => button(page, 'Download My choices').click());
      await button(page, 'Switch on My choices').click();
      await named(page, /^stories with My choices$/);
      await text(page).fill(BEGINNING);
      const written = await generate(page, 12);
      const base = await loadModel(own.model, { build: 'relaxed' });
      const adapted = await base.withAdapters([unpacked(zip)]);
      const options = { temperature: 0.8, topP: 0.95, maxTokens: 12, seed: 8, heal: true };
      assert.is(written, BEGINNING + (await adapted.generate(BEGINNING, options)).text);
      const liked = ' the dog was good.';
      const [after, before] = [await adapted.score(BEGINNING + liked), await base.score(BEGINNING + liked)];
      assert.ok(after.sum > before.sum + 1, `it learned: ${before.sum}, ${after.sum}`);
      for (const model of [adapted, base]) model.dispose();

      await page.reload();
      await named(page, /^stories with My choices$/);
      await page.getByRole('combobox', { name: 'Learned from my choices' }).selectOption('off');
      await named(page, /^stories$/);
      await text(page).fill(BEGINNING);
      assert.is(await generate(page, 12), plain);
      await button(page, 'Teach').click();
      await button(page, 'My choices').click();
      page.once('dialog', (dialog) => void dialog.accept('Dogs'));
      await button(page, 'Rename My choices').click();
      await button(page, 'Switch on Dogs').click();
      await named(page, /^stories with Dogs$/);
      await button(page, 'Teach').click();
      page.once('dialog', (dialog) => void dialog.accept());
      await button(page, 'Forget Dogs').click();
      await named(page, /^stories$/);
      await learned(page).waitFor({ state: 'hidden' });
      await page.reload();
      await ready(page);
      assert.ok(await page.locator('#learned').isHidden());
    }),
);

choosing(
  'learning is stopped and keeps what it has; without storage, the page asks before that is lost',
  () =>
    own.visit(async ({ page, profile }) => {
      await profile.addInitScript(() => {
        const create = indexedDB.open.bind(indexedDB);
        indexedDB.open = (name, version) => {
          if (name === 'gpt2-wasm-learned') throw new DOMException('denied', 'SecurityError');
          return create(name, version);
        };
      });
      await page.reload();
      await ready(page);
      await button(page, 'Teach').click();
      await button(page, 'My choices').click();
      await page.locator('#choices-input').setInputFiles(thumbs(16));
      await page.getByText('stories learns from your thumbs (KTO)').waitFor();
      await field(page, 'Passes').fill('100');
      await button(page, 'Learn from my choices').click();
      await page.locator('#choices-status', { hasText: /^Step [1-9]/ }).waitFor();
      await button(page, 'Stop').click();
      await said(page, /^Learned in \d+ steps?\. This browser has no storage.* Download it before you leave/);
      const asked: string[] = [];
      page.on('dialog', (dialog) => {
        asked.push(dialog.type());
        void dialog.dismiss();
      });
      await page.close({ runBeforeUnload: true });
      await until(() => asked.length === 1);
      assert.equal(asked, ['beforeunload']);
      await saved(page, () => button(page, 'Download My choices').click());
    }),
);

if (CHROMIUM !== undefined) choosing.run();
