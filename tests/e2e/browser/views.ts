import type { Page } from 'playwright-core';
import { button, generate, ready, text } from './playground_page.js';

/** Goes through the views, each with results and everything open, and calls `look` in each. */
export async function throughViews(page: Page, look: (view: string) => Promise<void>): Promise<void> {
  await ready(page);
  await text(page).fill('Once upon a time');
  await generate(page, 20);
  for (const title of ['Another model', 'More']) await open(page, title);
  await look('write');
  await button(page, 'Alternatives').click();
  await page.getByRole('dialog').getByRole('listitem').first().waitFor();
  await look('alternatives');
  await page.keyboard.press('Escape');
  await button(page, 'Teach').click();
  await look('teach');
  await button(page, 'My choices').click();
  await page.getByText('There are no choices yet.').waitFor();
  await look('choices');
  await button(page, 'Examine').click();
  await text(page).fill('The cat sat on the mat. The dog ran home.');
  await button(page, 'Start').click();
  await page.locator('.outcome', { hasText: 'Examined' }).waitFor();
  for (const title of await page.locator('#examine .part > summary').allInnerTexts()) await open(page, title);
  await look('examine');
  await button(page, 'Look inside').click();
  await page.locator('.bars li').first().waitFor();
  for (const title of ['Tokens and attention', 'Layer by layer', 'Switch heads off']) await open(page, title);
  await page.locator('.lens button').last().waitFor();
  await look('inside');
  await button(page, 'Describe').click();
  await page.getByRole('heading', { name: 'Describe an image or a video' }).waitFor();
  await look('describe');
}

/** Opens a part that may be open already: wide windows show more. */
async function open(page: Page, title: string): Promise<void> {
  const closed = page.locator('details:not([open]) > summary:visible', { hasText: new RegExp(`^${title}`) });
  if (await closed.count()) await closed.click();
}
