import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveFiles } from '../support/file_server.js';
import { CHROMIUM, Chromium } from './chromium.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Paths of the page, and where the project has them. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^\/node_modules\/gpt2-wasm\//, '/'],
  [/^\/models\/gpt2\//, '/tests/fixtures/stories-tiny/'],
];

const readme = suite('README');

readme('the page of the README runs under the policy that the README asks for', async () => {
  const section = readFileSync(`${ROOT}/README.md`, 'utf8').split('\n## In a page\n')[1]!;
  const [, html] = /```html\n(.*?)```/s.exec(section)!;
  const [, script] = /```js\n(.*?)```/s.exec(section)!;
  const [, policy] = /needs no more than `([^`]+)`/.exec(section)!;
  const [, address] = /src="([^"]+)"/.exec(html!)!;
  const site = await serveFiles(ROOT, {
    headers: { 'content-security-policy': policy! },
    answer(request, response) {
      const send = (type: string, body: string) => {
        response.writeHead(200, { 'content-type': type }).end(body);
        return true;
      };
      if (request.url === '/') return send('text/html', html!);
      if (request.url === `/${address}`) return send('text/javascript', script!);
      for (const [path, place] of PLACES) request.url = request.url!.replace(path, place);
      return undefined;
    },
  });
  const chromium = await Chromium.start();
  try {
    const page = await chromium.browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
        errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${site.url}/`);
    await page.waitForFunction(() => document.title === '100 %' && document.body.textContent!.length > 20);
    assert.equal(errors, []);
    const words = await page.evaluate(() => document.body.textContent!.trim().split(/\s+/));
    assert.ok(words.length > 3, words.join(' '));
  } finally {
    await Promise.all([chromium.close(), site.close()]);
  }
});

if (CHROMIUM !== undefined) readme.run();
