import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';

/** Opens a report as a file for `use`, and fails for any request, message on the console or error. */
export async function openReport(
  browser: Browser,
  file: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext(options);
  // Functions that are sent to the page were compiled to call this helper.
  await context.addInitScript('globalThis.__name = (value) => value');
  const page = await context.newPage();
  const address = pathToFileURL(file).href;
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== address) problems.push(request.url());
  });
  await page.goto(address);
  await use(page);
  assert.equal(problems, []);
  await context.close();
}
