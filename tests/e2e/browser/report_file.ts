import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { PATIENCE_MS } from './chromium.js';
import { MARKUP, RAN, refused, serveStranger, traces } from './markup.js';

/** Opens a report as a file for `use`, and fails for any request, message on the console or error, also of its policy. */
export async function openReport(
  browser: Browser,
  file: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  // Functions that are sent to the page were compiled to call this helper.
  await context.addInitScript('globalThis.__name = (value) => value');
  await context.addInitScript(RAN);
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

/** Ways in which a script in a report could run a text, or send it away. */
const ATTEMPTS = [
  'document.body.innerHTML = "<img src=x onerror=ran.push(1)>"',
  'document.body.append(document.createRange().createContextualFragment("<script>ran.push(1)</script>"))',
  'eval("ran.push(1)")',
  'setTimeout("ran.push(1)")',
  'document.body.append(Object.assign(document.createElement("script"), { text: "ran.push(1)" }))',
  'await import("data:text/javascript,ran.push(1)")',
  'await fetch(STRANGER)',
  'await until(Object.assign(new Image(), { src: STRANGER }), "load")',
  'await added(Object.assign(document.createElement("iframe"), { src: STRANGER }))',
];

/** Fails if a report whose texts are `MARKUP` has it as markup, if any of it runs, or if a script in it could do more. */
export async function runsNothing(browser: Browser, file: string): Promise<void> {
  await openReport(browser, file, async (page) => {
    assert.ok((await page.textContent('body'))!.includes(MARKUP));
    for (const summary of await page.locator('summary').all()) await summary.click();
    for (const piece of await page.locator('.text span').all()) await piece.hover();
    assert.equal(await traces(page, ':is(body > script:last-child, [type="application/json"])'), []);
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const stranger = await serveStranger();
  try {
    await page.addInitScript(RAN);
    await page.goto(pathToFileURL(file).href);
    for (const code of ATTEMPTS) assert.ok(await refused(page, code, stranger.url), code);
    assert.equal(await page.evaluate('ran'), []);
    assert.equal(stranger.requests, []);
  } finally {
    await stranger.close();
    await page.close();
  }
}
