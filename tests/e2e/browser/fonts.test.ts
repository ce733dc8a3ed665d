import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { layoutFlaws } from './flaws.js';
import { button, drop, idle, Playground, ready, text } from './playground_page.js';

/** Font families of different widths, each with a file that it always has. */
const SETS = {
  'DejaVu Sans': 'DejaVuSans.ttf',
  'Liberation Sans': 'LiberationSans-Regular.ttf',
  'Noto Sans': 'NotoSans-Regular.ttf',
};
const FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts'];
/** The default text size, and 200 % by a setting of the browser or by a style. */
const SIZES = ['16 px', '32 px by the browser', '32 px by a style'] as const;

/** The folder with the file of a font. */
function folderOf(file: string): string | undefined {
  for (const folder of FOLDERS.filter((each) => existsSync(each))) {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
      (path) => path.split('/').at(-1) === file,
    );
    if (found !== undefined) return dirname(join(folder, found));
  }
  return undefined;
}

const fonts = suite('fonts');
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-fonts-'));
let own: Playground;
/** The browser that runs, in which one family is installed. */
let opened: { readonly family: string; readonly browser: Browser } | undefined;

fonts.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
fonts.after(async () => {
  await Promise.all([own.close(), opened?.browser.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A configuration of fontconfig in which no other font is installed. */
function fontconfig(name: string, fontFolder: string): string {
  const path = join(folder, `${name}.conf`);
  const content = `<dir>${fontFolder}</dir><cachedir>${join(folder, `${name}.cache`)}</cachedir>`;
  writeFileSync(
    path,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${content}</fontconfig>`,
  );
  return path;
}

async function browserWith(family: string, fontFolder: string): Promise<Browser> {
  if (opened?.family === family) return opened.browser;
  await opened?.browser.close();
  const env = { ...process.env, FONTCONFIG_FILE: fontconfig(family, fontFolder) };
  opened = { family, browser: await chromium.launch({ executablePath: CHROMIUM!, env }) };
  return opened.browser;
}

async function enlarge(page: Page, size: (typeof SIZES)[number]): Promise<void> {
  if (size === '32 px by the browser') {
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
    await page.reload();
  } else if (size === '32 px by a style') {
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
  }
}

for (const [family, file] of Object.entries(SETS)) {
  const fontFolder = folderOf(file);
  for (const size of SIZES) {
    const name = `the page fits 320 px: ${family}, text of ${size}`;
    if (fontFolder === undefined) {
      fonts.skip(`${name} (not installed)`);
      continue;
    }
    fonts(name, async () => {
      const browser = await browserWith(family, fontFolder);
      await own.visit(
        async ({ page }) => {
          const fits = async (state: string) => assert.equal(await layoutFlaws(page), [], state);
          await enlarge(page, size);
          const pixels = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
          assert.is(pixels, size === '16 px' ? '16px' : '32px');
          await fits('loading');
          await ready(page);
          await fits('empty');
          await text(page).fill('Once upon a time');
          await page.locator('#maxTokens').fill('20');
          await button(page, 'Generate').click();
          await page.locator('#summary', { hasText: /token/ }).waitFor();
          await idle(page);
          await page.getByText('Another model').click();
          await page.getByText('More', { exact: true }).click();
          await button(page, 'Alternatives').click();
          await page.getByRole('dialog').getByRole('listitem').first().waitFor();
          await fits('written, with alternatives and all settings');
          await drop(page, { name: 'numbers.xlsx', bytes: Buffer.from('no model') });
          await page.getByRole('alert').filter({ hasText: 'numbers.xlsx' }).waitFor();
          await fits('with a problem');
          await text(page).fill('word '.repeat(300));
          await page.keyboard.press('Control+Enter');
          await page.locator('#summary', { hasText: 'fills the context' }).waitFor();
          await fits('with a full context');
          await button(page, 'Teach').click();
          await fits('the lesson');
          // The elements that a running lesson shows, while they are empty.
          await page.evaluate(() => {
            for (const hidden of document.querySelectorAll<HTMLElement>('#teach [hidden]'))
              hidden.hidden = false;
          });
          await fits('the lesson with all that it can show');
          await button(page, 'Examine').click();
          await text(page).fill(
            'The old cat sat on the red mat. The dog ran to the park, and the cat ran home.',
          );
          await button(page, 'Start').click();
          await page.locator('.outcome', { hasText: 'Examined' }).waitFor();
          for (const part of await page.locator('.part > summary').all()) await part.click();
          await fits('an examined text');
          await button(page, 'Describe').click();
          await fits('a view without an image');
        },
        { browser, viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' },
      );
    });
  }
}

if (CHROMIUM !== undefined) fonts.run();
