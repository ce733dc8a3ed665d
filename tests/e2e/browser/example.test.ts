import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { serveFiles } from '../../support/file_server.js';
import { CHROMIUM, PATIENCE_MS } from './chromium.js';

const PACKAGE = '/node_modules/gpt2-wasm/';

test('the page without a bundler writes what Node writes, and stops', async () => {
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const { text } = await model.generate('Once upon a time', { maxTokens: 100, seed: 7 });
  model.dispose();
  const server = await serveFiles(fileURLToPath(new URL('../../..', import.meta.url)), {
    answer: (request) => {
      const url = request.url!;
      request.url = url.startsWith(PACKAGE) ? url.slice(PACKAGE.length - 1) : `/examples/browser${url}`;
      return undefined;
    },
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM! });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${server.url}/index.html`);
    await page.click('text=Write');
    await page.waitForFunction("/^(length|eos)/.test(document.querySelector('[role=status]').textContent)");
    assert.is(await page.textContent('output'), `Once upon a time${text}`);
    await page.fill('[name=tokens]', '0');
    await page.evaluate("document.querySelector('form').noValidate = true");
    await page.click('text=Write');
    await page.waitForFunction("/maxTokens is 0/.test(document.querySelector('[role=status]').textContent)");
    assert.ok(await page.isEnabled('text=Write'));
  } finally {
    await browser.close();
    await server.close();
  }
});

if (CHROMIUM !== undefined) test.run();
