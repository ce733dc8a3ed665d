import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { percentOf } from '../../../src/examine/report/percent.js';
import { type Drawing, newDrawing } from '../../../src/playground/describe/drawing.js';
import { lookOf, lookText } from '../../../src/playground/describe/places.js';
import { type Word, WordJoiner } from '../../../src/playground/describe/words.js';
import { type Captioner, embeddedCaptioner, loadCaptioner } from '../../../src/vision.js';
import { captionerFiles, picture } from '../../support/captioners.js';
import { writePng } from '../../support/png_writer.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { inspect } from './flaws.js';
import { button, drop, dropFolder, Playground } from './playground_page.js';

const CLIP = new URL('../../fixtures/clips/two_scenes.webm', import.meta.url);
const IMAGE = 'wide.png';

/** A tokenizer whose tokens are words. */
const wordTokenizer = () => {
  const vocab = Object.fromEntries(Array.from({ length: 97 }, (_, id) => [`\u0120w${id}`, id]));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
  const json = { model: { type: 'BPE', vocab, merges: [] }, pre_tokenizer: byteLevel, decoder: byteLevel };
  return new TextEncoder().encode(JSON.stringify(json));
};

const describing = suite('describing');
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-describe-'));
let own: Playground;
let captioner: Captioner;
describing.before(async () => {
  const files = captionerFiles('deit-gpt2');
  files['tokenizer.json'] = wordTokenizer();
  // The middle of the image is seen.
  const preprocessor = JSON.parse(Buffer.from(files['preprocessor_config.json']!).toString());
  const [size, crop_size] = [40, 32].map((edge) => ({ width: edge, height: edge }));
  const cropping = { ...preprocessor, size, crop_size, do_center_crop: true };
  files['preprocessor_config.json'] = new TextEncoder().encode(JSON.stringify(cropping));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  [own, captioner] = await Promise.all([
    Playground.start({ model: storiesTiny }),
    loadCaptioner(folder, { weights: 'q8' }),
  ]);
});
describing.after(async () => {
  captioner.dispose();
  await own.close();
  rmSync(folder, { recursive: true, force: true });
});

const said = (page: Page, message: string | RegExp) =>
  page.locator('#describe .outcome', { hasText: message }).waitFor();
const words = (page: Page) => page.locator('.word');
const image = () => ({ name: IMAGE, bytes: Buffer.from(picture(IMAGE)) });

/** Opens the view and loads the captioner there. */
async function opened(page: Page): Promise<void> {
  await button(page, 'Describe').click();
  await page.getByRole('heading', { name: 'Describe an image or a video' }).waitFor();
  await dropFolder(page, folder);
  await page.locator('.captioner summary', { hasText: basename(folder) }).waitFor();
}

/** What the captioner in Node writes. */
async function captionOf(bytes: Uint8Array): Promise<{ text: string; words: Word[] }> {
  const joiner = new WordJoiner();
  for await (const token of captioner.stream(bytes, { attention: true })) joiner.add(token);
  return { text: joiner.words.map(({ text }) => text).join(' '), words: joiner.words };
}

/** The text of a file that a click downloads. */
async function downloaded(page: Page, link: Locator): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

/** How dark each patch is: 0 to 255. */
const darkness = (page: Page) =>
  page.locator('.shade').evaluate((shade: HTMLCanvasElement) => {
    const { data } = shade.getContext('2d')!.getImageData(0, 0, shade.width, shade.height);
    return Array.from({ length: shade.width * shade.height }, (_, i) => data[4 * i + 3]!);
  });

describing('an image that is dropped has the caption of Node, whose words light up their patches', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await drop(page, image());
    const expected = await captionOf(picture(IMAGE));
    await said(page, expected.text);
    assert.equal(
      await words(page).allTextContents(),
      expected.words.map(({ text }) => text),
    );
    assert.not(await page.locator('.shade').isVisible());

    const { patches } = captioner;
    await words(page).first().focus();
    await page.keyboard.press('ArrowRight');
    const { weights, text } = expected.words[1]!;
    const where = `${text} looks ${lookText(lookOf(weights, patches))}.`;
    assert.is(await page.locator('.said .figures-of-token').innerText(), where);
    assert.is(
      await words(page).nth(1).getAttribute('aria-label'),
      where.replace(' looks', ', looks').slice(0, -1),
    );
    const dark = await darkness(page);
    assert.is(dark.length, patches.rows * patches.columns);
    assert.is(dark.indexOf(Math.min(...dark)), weights.indexOf(Math.max(...weights)));
    assert.is(Math.min(...dark), 0);
    const [size, style] = await page.evaluate(() => {
      const [shown, shade] = document.querySelectorAll<HTMLCanvasElement>('.picture canvas');
      return [{ width: shown!.width, height: shown!.height }, shade!.getAttribute('style')] as const;
    });
    const area = captioner.seenArea(size);
    assert.ok(area.width < 1, 'the model sees a part of the image');
    const percents = Object.entries(area).map(([edge, share]) => `${edge}: ${100 * share}%;`);
    assert.is(style, percents.join(' '));
    await page.keyboard.press('Enter');
    await button(page, 'Save').focus();
    assert.equal(await darkness(page), dark, 'a word that was chosen stays lit');
    await page.locator('summary', { hasText: 'As a table' }).click();
    const rows = page.getByRole('table', { name: 'Where each word looks' }).locator('tbody tr');
    await rows.first().waitFor();
    const looks = expected.words.map((word) => lookOf(word.weights, patches));
    for (const [row, look] of looks.slice(0, 3).entries()) {
      assert.equal(await rows.nth(row).locator('td').allInnerTexts(), [
        expected.words[row]!.text,
        lookText(look),
        percentOf(look.whole),
      ]);
    }

    const file = await downloaded(page, button(page, 'Save'));
    assert.equal(file, { name: 'wide.txt', text: `${expected.text}\n` });
  }),
);

describing('drawings are described by the captioner of the page, and a note says what that knows', () =>
  own.visit(async ({ page }) => {
    const { image } = newDrawing(5);
    const png = writePng({ ...image, depth: 8, kind: 2, samples: Array.from(image.data) });
    await drop(page, { name: 'mine.png', bytes: Buffer.from(png) });
    const drawings = await loadCaptioner(embeddedCaptioner, { weights: 'q8' });
    const describes = async (drawn: Drawing) => said(page, (await drawings.caption(drawn.image)).text.trim());
    await describes(newDrawing(5));
    const note = page.getByText('This small captioner knows drawings');
    const truth = page.getByText('What was drawn');
    assert.equal([await note.isVisible(), await truth.isVisible()], [true, false]);
    for (const seed of [6, 7]) {
      await page.evaluate((drawn) => {
        crypto.getRandomValues = (numbers) => {
          (numbers as unknown as Uint32Array).fill(drawn);
          return numbers;
        };
      }, seed);
      await button(page, 'Draw one').click();
      const drawn = newDrawing(seed);
      await page.getByText(`What was drawn: ${drawn.text}.`, { exact: true }).waitFor();
      await describes(drawn);
    }
    drawings.dispose();
    await opened(page);
    assert.not(await note.isVisible());
  }),
);

describing('beams give alternatives, and an image is pasted, or refused', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await page.evaluate((base64) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
    }, image().bytes.toString('base64'));
    await said(page, (await captionOf(picture(IMAGE))).text);
    await page.getByRole('spinbutton', { name: 'Beams' }).fill('3');
    await button(page, 'Alternatives').click();
    await said(page, 'Found 3 captions.');
    const { choices } = await captioner.caption(picture(IMAGE), { beams: 3, returned: 3 });
    const others = page.locator('.others li');
    assert.equal(
      await others.getByRole('button').allInnerTexts(),
      choices.map(({ text }) => text.trim()),
    );
    assert.equal(
      await others.locator('span').allInnerTexts(),
      choices.map(({ score }) => score!.toFixed(3)),
    );
    await others.nth(2).getByRole('button').click();
    assert.is((await words(page).allTextContents()).join(' '), choices[2]!.text.trim());
    await drop(page, { name: 'broken.png', bytes: Buffer.from('no image') });
    await page.locator('#problem-text', { hasText: 'broken.png is no image' }).waitFor();
    assert.is(await words(page).count(), 0);
  }),
);

describing('a video gets captions that play over it, and a WebVTT file', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await drop(page, { name: 'clip.webm', bytes: readFileSync(CLIP) });
    await said(page, /^Wrote/);
    await page.getByRole('spinbutton', { name: 'Seconds between frames' }).fill('0.5');
    await page.getByRole('spinbutton', { name: 'Least change' }).fill('0.1');
    await button(page, 'Start').click();
    await said(page, /^Wrote/);
    const cues = await page.locator('video').evaluate((video: HTMLVideoElement) =>
      Array.from(video.textTracks[0]!.cues!, ({ startTime, endTime, ...cue }) => ({
        start: startTime,
        end: endTime,
        text: (cue as unknown as VTTCue).text,
      })),
    );
    assert.ok(cues.length > 0);
    const { name, text } = await downloaded(page, button(page, 'Save'));
    assert.is(name, 'clip.vtt');
    assert.match(text, /^WEBVTT\n\n00:00:00\.000 --> /);
    await page.locator('.cues button').last().click();
  }),
);

describing('an image and a video with everything open have no flaws', () =>
  own.visit(async ({ page }) => {
    await opened(page);
    await drop(page, image());
    await said(page, /^w\d/);
    await words(page).nth(1).click();
    await button(page, 'Alternatives').click();
    await said(page, /^Found/);
    await page.locator('summary', { hasText: 'Captioner' }).click();
    await page.locator('summary', { hasText: 'As a table' }).click();
    await inspect(page, 'image');
    await drop(page, { name: 'clip.webm', bytes: readFileSync(CLIP) });
    await said(page, /^Wrote/);
    await inspect(page, 'video');
  }),
);

if (CHROMIUM !== undefined) describing.run();
