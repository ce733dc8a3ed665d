import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveFiles } from '../../support/file_server.js';
import { codeBlocks, PAGES, ROOT, textOf } from '../docs/code_blocks.js';
import { CHROMIUM, Chromium, PATIENCE_MS } from './chromium.js';

/** Paths of the pages, and their files in the project. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^\/node_modules\/gpt2-wasm\//, '/'],
  [/^\/models\/gpt2\//, '/tests/fixtures/stories-tiny/'],
];

/** The documents with a page, and text that each page shows once its script runs. */
const SEEN: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async 'docs/browser.md'(page) {
    await page.waitForFunction(() => document.title === '100 %' && document.body.textContent!.length > 20);
    const words = await page.evaluate(() => document.body.textContent!.trim().split(/\s+/));
    assert.ok(words.length > 3, words.join(' '));
  },
  async 'docs/recipes/autocomplete.md'(page) {
    const suggestion = () => page.locator('output').textContent();
    // The box gets the focus once the model is loaded.
    await page.waitForFunction(() => document.activeElement?.id === 'text');
    await page.keyboard.type('Once upon a ti');
    await page.waitForFunction(() => document.querySelector('output')!.value.length > 10);
    assert.match((await suggestion())!, /^me/);
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.querySelector('output')!.value.length > 10);
    const text = await page.locator('textarea').inputValue();
    assert.match(text, /^Once upon a time/);
    assert.is(await page.evaluate(() => document.activeElement!.id), 'text');
  },
};

const documents = suite('pages of the documents');

documents('every document with a page is looked at', () => {
  const withPages = PAGES.filter((name) => codeBlocks(name).some(({ note }) => note === 'browser'));
  assert.equal(withPages, Object.keys(SEEN).sort());
});

for (const [name, look] of Object.entries(SEEN)) {
  documents(`the page of ${name} runs under the policy that docs/browser.md asks for`, async () => {
    const blocks = codeBlocks(name);
    const { code: html } = blocks.find(({ language }) => language === 'html')!;
    const { code: script } = blocks.find(({ note }) => note === 'browser')!;
    const [, policy] = /needs no more than `([^`]+)`/.exec(textOf('docs/browser.md'))!;
    const [, address] = /src="([^"]+)"/.exec(html)!;
    const site = await serveFiles(ROOT, {
      headers: { 'content-security-policy': policy! },
      answer(request, response) {
        const send = (type: string, body: string) => {
          response.writeHead(200, { 'content-type': type }).end(body);
          return true;
        };
        if (request.url === '/') return send('text/html', html);
        if (request.url === `/${address}`) return send('text/javascript', script);
        for (const [path, place] of PLACES) request.url = request.url!.replace(path, place);
        return undefined;
      },
    });
    const chromium = await Chromium.start();
    try {
      const page = await chromium.browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
          errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(`${site.url}/`);
      const failure = await look(page).catch((error: unknown) => error);
      assert.equal(errors, []);
      if (failure !== undefined) throw failure;
    } finally {
      await Promise.all([chromium.close(), site.close()]);
    }
  });
}

if (CHROMIUM !== undefined) documents.run();
