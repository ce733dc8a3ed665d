// npm run screenshots [-- VIEW ...]: takes the pictures of docs/images: the views of the playground, and a report, with texts
// that are the same each time. Rates of tokens are those of the machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumPath } from './browser.mjs';
import { root } from './run.mjs';

const executablePath = chromiumPath();
const FOLDER = join(root, 'docs/images');
const VIEWPORT = { width: 1120, height: 640 };
/** Of WebP; letters stay sharp. */
const QUALITY = 82;
const CLI = 'build/esm/cli.js';
const TEXT =
  'Once upon a time there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big ' +
  'ball in a tree. Lily climbed the piano and got the ball. She was very happy and ran home.';
const LESSON =
  'The robot counts to ten. One, two, three, says the robot, and the moon is made of green cheese.';
/** On a slow machine. */
const LESSON_MS = 600_000;

const VIEWS = { write, teach, examine, inside, report };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(VIEWS);
const unknown = names.find((name) => !(name in VIEWS));
if (unknown !== undefined) {
  console.error(`there is no view ${unknown}; views: ${Object.keys(VIEWS).join(', ')}`);
  process.exit(2);
}

mkdirSync(FOLDER, { recursive: true });
const server = spawn(process.execPath, [CLI, 'playground', '--no-open', '--port', '0'], { cwd: root });
const [address] = await once(server.stdout.setEncoding('utf8'), 'data');
const browser = await chromium.launch({ executablePath });
try {
  for (const name of names) {
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(address.trim());
    await page.locator('#model-name', { hasText: 'parameters' }).waitFor();
    await VIEWS[name](page);
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
    const bytes = Buffer.from(data, 'base64');
    writeFileSync(join(FOLDER, `${name}.webp`), bytes);
    console.log(`docs/images/${name}.webp, ${bytes.length} bytes`);
    await page.close();
  }
} finally {
  await browser.close();
  server.kill('SIGINT');
}

/** A story, and the alternatives of a token. */
async function write(page) {
  await page.getByRole('button', { name: 'Once upon a time' }).click();
  await page.getByLabel('Seed', { exact: true }).fill('12');
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
  }, ' butterfly');
  await page.mouse.move(x, y);
  await page.locator('#alternatives li').first().waitFor();
}

/** A lesson that has ended: its losses, and what the model writes now. */
async function teach(page) {
  await page.getByRole('button', { name: 'Teach', exact: true }).click();
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill(`${LESSON}\n`.repeat(20));
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('16');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const summary = page.locator('#lesson-summary', { hasText: /^Learned(?!.*Saving)/ });
  await summary.waitFor({ timeout: LESSON_MS });
  await page.locator('#teach .curves').evaluate((curves) => curves.parentElement.scrollIntoView());
}

/** A text in colours, with the figures of an unlikely token. */
async function examine(page) {
  await page.getByRole('button', { name: 'Examine', exact: true }).click();
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill(TEXT);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('.outcome', { hasText: 'Examined' }).waitFor();
  await page.locator('.coloured .r4, .coloured .r3').first().hover();
}

/** Look inside: the likeliest next tokens, and a number that was drawn. */
async function inside(page) {
  await page.getByRole('button', { name: 'Look inside', exact: true }).click();
  await page.locator('.bars li').first().waitFor();
  await page.getByRole('spinbutton', { name: 'Seed', exact: true }).fill('7');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await page.locator('.draw-line').waitFor();
}

/** The page that `examine --html` writes. */
async function report(page) {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-screenshot-'));
  writeFileSync(join(folder, 'lily.txt'), TEXT);
  const file = join(folder, 'report.html');
  const command = spawn(process.execPath, [CLI, 'examine', '--html', file, join(folder, 'lily.txt')], {
    cwd: root,
  });
  await once(command, 'close');
  await page.goto(pathToFileURL(file).href);
  await page.locator('.text .r4, .text .r3').first().hover();
  rmSync(folder, { recursive: true });
}
