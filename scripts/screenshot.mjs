// npm run screenshot takes docs/playground.png: the playground with a story that the embedded model writes, and the
// alternatives of a token.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './run.mjs';

const PLACES = JSON.parse(readFileSync(join(root, 'tests/e2e/browser/places.json'), 'utf8'));
const executablePath = process.env.CHROMIUM || PLACES.find((path) => existsSync(path));
const SEED = '12';
/** Hovered in the picture. */
const TOKEN = ' butterfly';

const [, , path = 'docs/playground.png', colorScheme = 'light', width = '1120', height = '640'] =
  process.argv;
const server = spawn(process.execPath, ['build/esm/cli.js', 'playground', '--no-open', '--port', '0'], {
  cwd: root,
});
const [address] = await once(server.stdout.setEncoding('utf8'), 'data');
const browser = await chromium.launch({ executablePath });
try {
  const viewport = { width: Number(width), height: Number(height) };
  const page = await browser.newPage({ viewport, colorScheme });
  await page.goto(address.trim());
  await page.getByRole('button', { name: 'Once upon a time' }).click();
  await page.getByLabel('Seed', { exact: true }).fill(SEED);
  await page.getByRole('spinbutton', { name: 'Length' }).fill('110');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await page.getByRole('button', { name: 'Continue' }).waitFor();
  await page.locator('aside').evaluate((panel) => panel.scrollTo(0, 0));
  const { x, y } = await page.evaluate((word) => {
    const node = document.querySelector('#mirror').firstChild;
    const range = document.createRange();
    range.setStart(node, node.data.indexOf(word) + 1);
    range.setEnd(node, node.data.indexOf(word) + word.length);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }, TOKEN);
  await page.mouse.move(x, y);
  await page.locator('#alternatives li').first().waitFor();
  mkdirSync(dirname(resolve(root, path)), { recursive: true });
  await page.screenshot({ path: resolve(root, path) });
} finally {
  await browser.close();
  server.kill('SIGINT');
}
