import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveFiles } from '../../../support/file_server.ts';
import { APP, FEW, featuresOf, VARIANTS } from './app.mjs';

const IMPORT_MAP = JSON.stringify({
  imports: {
    'gpt2-wasm': '/node_modules/gpt2-wasm/build/web/index.js',
    'gpt2-wasm/examine': '/node_modules/gpt2-wasm/build/web/examine.js',
    'gpt2-wasm/server': '/node_modules/gpt2-wasm/build/web/server.js',
    'gpt2-wasm/train': '/node_modules/gpt2-wasm/build/web/train.js',
    'gpt2-wasm/worker': '/node_modules/gpt2-wasm/build/web/worker.js',
  },
});
const HASH = createHash('sha256').update(IMPORT_MAP).digest('base64');
/** The policy under which the package must run, with the page's import map. */
const POLICY = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${HASH}'; worker-src 'self'`;

export const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const { windowed, firefox } = JSON.parse(
  readFileSync(new URL('../../browser/places.json', import.meta.url), 'utf8'),
);
const BROWSERS = [
  {
    runtime: 'Chromium',
    browser: 'chrome',
    places: [process.env.CHROMIUM, ...windowed],
    args: ['--no-sandbox'],
  },
  {
    runtime: 'Firefox',
    browser: 'firefox',
    places: [process.env.FIREFOX, ...firefox],
    args: [],
  },
];

/** Starts a browser of this machine; `undefined` if it is not installed. */
export async function launch(name) {
  const { browser, places: candidates, args } = BROWSERS.find(({ runtime }) => runtime === name);
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (executablePath === undefined) return undefined;
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({ browser, executablePath, args, headless: true });
}

/** Both builds in pages and workers, isolated and not, of each browser. */
export async function runBrowsers(report, { pages }) {
  writeFileSync(
    join(APP, 'index.html'),
    `<!doctype html><title>story</title><script type="importmap">${IMPORT_MAP}</script>` +
      '<script type="module" src="/page.mjs"></script>',
  );
  for (const { runtime } of BROWSERS) {
    const browser = await launch(runtime);
    if (browser === undefined) {
      report({ runtime, problem: 'it is not on this machine' });
      continue;
    }
    const version = /\d+\.\d+(\.\d+)*/.exec(await browser.version())[0];
    try {
      for (const isolated of [false, true]) {
        const headers = { 'content-security-policy': POLICY, ...(isolated && ISOLATION) };
        const server = await serveFiles(APP, { headers });
        for (const where of ['page', 'worker']) {
          for (const { build, threads, ...variant } of VARIANTS) {
            const only = isolated ? featuresOf(variant, where) : FEW;
            const place = isolated ? `isolated ${where}` : where;
            await report({ runtime, version, where: place, build, only }, (input) =>
              storyOf(browser, `${server.url}/index.html`, { build, threads, where, input }),
            );
          }
        }
        if (isolated) {
          const where = `${pages} isolated workers`;
          await report({ runtime, version, where, build: 'simd', only: ['writing'] }, (input) =>
            storyOfMany(browser, `${server.url}/index.html`, input, pages),
          );
        }
        await server.close();
      }
    } finally {
      await browser.close();
    }
  }
}

/**
 * Opens pages with threads in a worker, one after another, because a browser may block a worker in some of
 * them.
 */
async function storyOfMany(browser, url, input, pages) {
  const told = { build: 'simd', threads: 2, where: 'worker', input };
  let story;
  for (let page = 1; page <= pages; page++) {
    story = await storyOf(browser, url, told);
    if (story.threads !== 2) throw new Error(`page ${page} of ${pages} had ${story.threads} threads`);
  }
  return story;
}

/** The result of `run` with `told` in the page at `url`. */
export async function storyOf(browser, url, told) {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    return await page.evaluate((asked) => globalThis.run(asked), told);
  } finally {
    await page.close();
  }
}
