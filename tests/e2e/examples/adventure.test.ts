import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveFiles } from '../../support/file_server.js';
import { unless } from '../../support/unless.js';
import { CHROMIUM, PATIENCE_MS } from '../browser/chromium.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SEED = '2';
const inChromium = unless(CHROMIUM === undefined ? 'there is no Chromium on this machine' : undefined);

let folder: string;

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-adventure-'));
  cpSync(join(ROOT, 'examples/adventure'), folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/gpt2-wasm'), 'junction');
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

interface World {
  readonly hero: string;
  readonly friend: string;
  readonly called: string;
  readonly wish: string;
  readonly found: readonly string[];
}

/** What the terminal shows of a game, and its parts. */
async function terminal(args: string[], lines: string[]) {
  const game = spawn(process.execPath, ['main.js', ...args], { cwd: folder });
  game.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [shown, errors] = await Promise.all([text(game.stdout), text(game.stderr)]);
  assert.is(errors, '');
  const parts = shown
    .replaceAll(/^\w+ decides to /gm, '\n')
    .split('\n\n')
    .map((part) => part.replace(/\n/g, ' ').trim());
  return {
    shown,
    paragraphs: parts.filter((part) => /^(Once upon|\w+ decided to|In the end,)/.test(part)),
    worlds: Array.from(shown.matchAll(/\{.*\}/g), ([json]): World => JSON.parse(json)),
  };
}

const ours = (name: string) => import(pathToFileURL(join(folder, name)).href);

test('a game ends within five turns, and its world has the schema after every turn', async () => {
  const { WORLD } = await ours('world.js');
  const { UNKIND } = await ours('formats.js');
  const isWorld = new Ajv2020().compile<World>(WORLD);
  const turns = ['1', '2', 'Fly home!', '1', '2'];
  const game = await terminal(['--seed', SEED], ['world', ...turns.flatMap((turn) => [turn, 'world'])]);
  assert.match(game.shown, /The end\.\n$/);
  const [first, ...later] = game.worlds as [World, ...World[]];
  assert.ok(later.length > 1);
  let found: readonly string[] = [];
  for (const world of [first, ...later]) {
    assert.ok(isWorld(world), JSON.stringify([world, isWorld.errors]));
    assert.equal(world.found.slice(0, found.length), found, 'what was found stays');
    ({ found } = world);
    for (const name of ['hero', 'friend', 'called', 'wish'] as const) assert.is(world[name], first[name]);
  }
  const story = game.paragraphs.join('\n');
  assert.ok(found.length > 0);
  for (const thing of found) assert.match(story, new RegExp(`\\b${thing}\\b`));
  assert.match(story, / decided to fly home\. /);
  assert.not.match(story, new RegExp(`\\b(${UNKIND.join('|')})\\b`, 'i'));
  const wished = /(\w+)!$/.exec(first.wish)![1]!;
  for (const paragraph of game.paragraphs.slice(1, 3)) {
    const told = paragraph.replace(/^.*?\. /, '');
    assert.not.match(told, new RegExp(`\\b${wished}s?\\b`, 'i'), 'the wish is hidden at first');
  }
});

test('words that the story cannot use are refused', async () => {
  const { shown, paragraphs } = await terminal(
    ['--seed', SEED],
    ['4', 'run', 'kill the bear', '{"a": 1}', 'quit'],
  );
  assert.is(paragraphs.length, 1);
  assert.is(shown.match(/Enter a number/g)?.length, 5);
});

test('a saved game goes on as if it had never stopped', async () => {
  const whole = await terminal(['--seed', SEED], ['1', 'save a.game', '2', '1']);
  const loaded = await terminal(['--load', 'a.game'], ['2', '1']);
  assert.is(whole.paragraphs.length, 4);
  assert.equal(loaded.paragraphs, whole.paragraphs);
  assert.equal(readFileSync(join(folder, 'a.game')).includes('"world"'), true);
});

/** Runs `play` on the page, 320 pixels wide, and gives the story that it shows. */
async function onPage(play: (page: Page) => Promise<void>): Promise<string[]> {
  const server = await serveFiles(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM! });
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${server.url}/index.html?seed=${SEED}`);
    await told(page, 1);
    await play(page);
    assert.equal(errors, []);
    assert.is(await page.evaluate('document.documentElement.scrollWidth'), 320);
    return await page.locator('#story p').allTextContents();
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Resolves when the page shows as many paragraphs, or more with `>=`, and waits for the player. */
const told = (page: Page, count: number, is = '===') =>
  page.waitForFunction(
    `document.querySelectorAll('#story p').length ${is} ${count} && /^$|end/.test(document.querySelector('[role=status]').textContent)`,
  );

inChromium('the page tells the story of the terminal, by mouse and keyboard', async () => {
  const { paragraphs } = await terminal(['--seed', SEED], ['2', 'open the box']);
  const story = await onPage(async (page) => {
    await page.getByRole('region', { name: 'Your turn' }).getByRole('button').nth(1).click();
    await told(page, 2);
    await page.getByLabel('in your own words').fill('Open the box.');
    await page.keyboard.press('Enter');
    await told(page, 3);
    assert.is(await page.getByLabel('in your own words').inputValue(), '');
  });
  assert.equal(story, paragraphs);
});

inChromium('a game that the terminal has saved goes on in the page', async () => {
  const { paragraphs } = await terminal(['--seed', '5'], ['1', 'save b.game', '3']);
  const story = await onPage(async (page) => {
    await page.getByLabel('Load').setInputFiles(join(folder, 'b.game'));
    await told(page, 2);
    await page.getByRole('region', { name: 'Your turn' }).getByRole('button').nth(2).click();
    await told(page, 3);
  });
  assert.equal(story, paragraphs);
});

inChromium(
  'a game is played by keyboard, and after its end the focus is on the button of a new one',
  async () => {
    const story = await onPage(async (page) => {
      await page.getByRole('region', { name: 'Your turn' }).getByRole('button').first().focus();
      for (let turn = 1; await page.locator('#turn').isVisible(); turn++) {
        await page.keyboard.press('Enter');
        await told(page, turn + 1, '>=');
      }
      assert.is(await page.evaluate('document.activeElement.textContent'), 'New game');
      await page.keyboard.press('Enter');
      await told(page, 1);
    });
    assert.is(story.length, 1);
  },
);

test.run();
