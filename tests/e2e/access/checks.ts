import type { Page } from 'playwright-core';
import { flawsAt } from '../browser/flaws.js';
import { walk } from '../browser/keyboard_walk.js';
import { mirrored } from '../browser/mirrored.js';
import { idle, ready, summary, value } from '../browser/playground_page.js';
import { throughViews } from '../browser/views.js';
import type { Setting } from './settings.js';

export const CHECKS = ['axe and layout', 'Tab', 'Shift+Tab', 'right to left', 'text by keys'] as const;
export type Check = (typeof CHECKS)[number];
/** The flaws that a check has found. */
export type Found = Record<Check, string[]>;

/** A window that shows the whole of most views: bars at its bottom cover nothing. */
const HIGH = 4000;

/** Checks each view of the loaded page, and then whether keys alone do the work of Write. */
export async function checkPage(page: Page, setting: Setting): Promise<Found> {
  const found = Object.fromEntries(CHECKS.map((check) => [check, []])) as unknown as Found;
  const state = await stateOf(page);
  if (state !== wantedState(setting)) throw new Error(`the page is ${state}, not ${wantedState(setting)}`);
  const { width } = setting.viewport;
  await throughViews(page, async (view) => {
    const add = (check: Check, flaws: readonly string[]) =>
      found[check].push(...flaws.map((flaw) => `${view}: ${flaw}`));
    add('axe and layout', await flawsAt(page, width, HIGH));
    // Before the walk, which scrolls wide tables sideways.
    add('right to left', await mirrored(page));
    await page.setViewportSize(setting.viewport);
    for (const key of ['Tab', 'Shift+Tab'] as const) add(key, await walk(page, key));
    // The skip link, if it has the focus, lies above the views.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  });
  found['text by keys'].push(...(await writeByKeys(page)));
  return found;
}

/** Whether the browser does what it was told: its media features, and the size of text in pixels. */
function stateOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const has = (feature: string) => matchMedia(`(${feature})`).matches;
    // Firefox is never dark if colours are forced.
    const colours = has('forced-colors: active')
      ? 'forced'
      : has('prefers-color-scheme: dark')
        ? 'dark'
        : 'light';
    return `${colours}, ${getComputedStyle(document.documentElement).fontSize}, ${innerWidth} px`;
  });
}

function wantedState({ isDark, hasForcedColours, textSize = 16, viewport }: Setting): string {
  return `${hasForcedColours ? 'forced' : isDark ? 'dark' : 'light'}, ${textSize}px, ${viewport.width} px`;
}

/** Writes, generates, looks at alternatives, undoes and changes the view, all by keys, in a page that is opened anew. */
async function writeByKeys(page: Page): Promise<string[]> {
  const flaws: string[] = [];
  const expect = (isSo: boolean, flaw: string) => {
    if (!isSo) flaws.push(flaw);
  };
  await page.evaluate(() => history.replaceState(null, '', location.pathname));
  await page.reload();
  await ready(page);
  expect(await goTo(page, 'Tab', 'text'), 'Tab does not reach the text');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Once upon a time');
  await page.keyboard.press('Control+Enter');
  await summary(page)
    .filter({ hasText: /token|ended/ })
    .waitFor();
  await idle(page);
  const written = await value(page);
  expect(/^Once upon a time./.test(written), `Control and Enter writes ${JSON.stringify(written)}`);
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('dialog').getByRole('listitem').first().waitFor();
  await page.keyboard.press('Escape');
  expect((await focused(page)) === 'text', 'Escape does not lead back to the text');
  await page.keyboard.press('Control+Z');
  expect(
    (await value(page)) === 'Once upon a time',
    `Control and Z leaves ${JSON.stringify(await value(page))}`,
  );
  expect(await goTo(page, 'Shift+Tab', 'view-inside'), 'Shift+Tab does not reach the views');
  await page.keyboard.press('Enter');
  await page.locator('#inside').waitFor();
  return flaws;
}

const focused = (page: Page) => page.evaluate(() => document.activeElement!.id);

/** Presses a key until a control has the focus, at most as often as a page has controls before its text. */
async function goTo(page: Page, key: 'Tab' | 'Shift+Tab', id: string): Promise<boolean> {
  for (let presses = 0; presses < 30; presses++) {
    if ((await focused(page)) === id) return true;
    await page.keyboard.press(key);
  }
  return false;
}
