import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { writeSite } from '../../../src/cli/playground/site_files.js';
import { type SiteServer, serveSite } from '../../../src/cli/playground/site_server.js';
import { convertModel } from '../../../src/model/convert_model.js';
import { Chromium, PATIENCE_MS } from './chromium.js';

export interface Visit {
  readonly page: Page;
  readonly profile: BrowserContext;
  /** Requested addresses of other sites. */
  readonly strangers: string[];
  readonly errors: string[];
}

/** Path in the site of the model that the page loads first. */
const MODEL = 'models/stories/stories.gguf';

/** A server of the playground as `--out` writes it, and a browser to visit it. */
export class Playground {
  readonly site: string;
  readonly server: SiteServer;
  readonly chromium: Chromium;
  readonly #folder: string;

  private constructor(folder: string, server: SiteServer, chromium: Chromium) {
    this.#folder = folder;
    this.site = siteIn(folder);
    this.server = server;
    this.chromium = chromium;
  }

  /**
   * `model` replaces that of the package by a smaller one, for tests that do not depend on its text. `executablePath`:
   * the browser.
   */
  static async start({
    model,
    executablePath,
  }: {
    model?: URL;
    executablePath?: string;
  } = {}): Promise<Playground> {
    const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-playground-'));
    await writeSite(siteIn(folder));
    if (model !== undefined) {
      const file = await convertModel(model, { weights: 'q4' });
      await writeFile(join(siteIn(folder), MODEL), file.bytes());
    }
    return new Playground(folder, await serve(siteIn(folder)), await Chromium.start(executablePath));
  }

  /** Path of the model that the page loads first. */
  get model(): string {
    return join(this.site, MODEL);
  }

  /** Another server of the same site. */
  serve(): Promise<SiteServer> {
    return serve(this.site);
  }

  /**
   * Opens the page in a new profile and uses it. Fails for errors and for requests to other origins. The
   * service worker copies the whole site, a second of work: visits that come back or go offline allow it.
   */
  async visit(
    use: (visit: Visit) => Promise<void>,
    {
      url = this.server.url,
      browser = this.chromium.browser,
      ...options
    }: { url?: string; browser?: Browser } & BrowserContextOptions = {},
  ): Promise<void> {
    const profile = await browser.newContext({ serviceWorkers: 'block', ...options });
    // Functions that are sent to the page were compiled to call this helper.
    await profile.addInitScript('globalThis.__name = (value) => value');
    profile.setDefaultTimeout(PATIENCE_MS);
    const page = await profile.newPage();
    const strangers: string[] = [];
    const errors: string[] = [];
    profile.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(url).origin) strangers.push(request.url());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        errors.push(message.text());
    });
    try {
      await page.goto(url);
      await use({ page, profile, strangers, errors });
      assert.equal(errors, []);
      assert.equal(strangers, []);
    } finally {
      await profile.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.chromium.close(), this.server.close()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const siteIn = (folder: string) => join(folder, 'site');

async function serve(site: string): Promise<SiteServer> {
  const paths: string[] = JSON.parse(readFileSync(join(site, 'files.json'), 'utf8'));
  assert.ok(paths.length > 10);
  return serveSite(new Map(['files.json', ...paths].map((path) => [path, join(site, path)])), 0);
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const text = (page: Page) => page.getByRole('textbox', { name: 'Text', exact: true });
export const value = (page: Page) => text(page).inputValue();
export const idle = (page: Page) => page.locator('body:not(.generating)').waitFor();

export const summary = (page: Page) => page.locator('#summary');
export const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });

/** Lets the model continue the text, and gives the text then. */
export async function generate(page: Page, length: number, seed = 8): Promise<string> {
  await field(page, 'Length').fill(String(length));
  await field(page, 'Seed').fill(String(seed));
  await page.keyboard.press('Control+Enter');
  await summary(page)
    .filter({ hasText: /token|ended/ })
    .waitFor();
  await idle(page);
  return value(page);
}

/** A file to drop. */
export interface Dropped {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Drops single files on the page. */
export async function drop(page: Page, ...files: readonly Dropped[]): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }));
  const transfer = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, base64 } of all) {
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    return data;
  }, given);
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** Position of a character of the text, taken from the mirror, which has the same layout as the text area. */
export function pointOf(page: Page, offset: number): Promise<{ x: number; y: number }> {
  return page.evaluate((at) => {
    const node = document.querySelector('#mirror')!.firstChild as Text;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }, offset);
}

/** Moves the pointer to a character and rests it there. */
export async function restOn(page: Page, offset: number): Promise<void> {
  const { x, y } = await pointOf(page, offset);
  await page.mouse.move(x, y);
}

/** The visible words with the colour of a level, 1 to 4. */
export function coloured(page: Page, level: number): Promise<string[]> {
  return page.evaluate((name) => {
    const text = document.querySelector('#mirror')!.textContent!;
    return [...CSS.highlights.get(name)!].map(({ startOffset, endOffset }) =>
      text.slice(startOffset, endOffset),
    );
  }, `p${level}`);
}

export const ready = (page: Page) => page.locator('#model-name', { hasText: 'parameters' }).waitFor();

/** Drops single files of this machine on the page. */
export function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  return drop(page, ...paths.map((path) => ({ name: basename(path), bytes: readFileSync(path) })));
}

/** Drops a folder of this machine on the page, as a user does. */
export async function dropFolder(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
  }
  await session.detach();
}
