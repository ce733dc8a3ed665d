import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { type FileServer, type ServerOptions, serveFiles } from '../../support/file_server.js';

/** Usual paths of Chromium with its windows, of the same engine without them, and of Firefox. */
const PLACES: Record<'headless' | 'windowed' | 'firefox', string[]> = JSON.parse(
  readFileSync(new URL('places.json', import.meta.url), 'utf8'),
);

const installed = (places: readonly string[]): string | undefined =>
  process.env.CHROMIUM || places.find((path) => existsSync(path));

/** The path of Chromium as people have it. */
export const WINDOWED_CHROMIUM = installed(PLACES.windowed);

/** The path of the engine alone, if it is installed: a page of its own profile takes a seventh of the time to open there. */
export const CHROMIUM = installed([...PLACES.headless, ...PLACES.windowed]);

export const FIREFOX = process.env.FIREFOX || PLACES.firefox.find((path) => existsSync(path));

if (CHROMIUM === undefined) {
  console.error('SKIPPED: no Chromium on this machine, so that nothing was tested in a browser');
}

/** How long pages wait for what they need: on a busy machine a lesson, and a click on a long page, take minutes. */
export const PATIENCE_MS = 300_000;

/** The content security policy of every page. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** A browser, and the project's folder served under `POLICY`, with and without cross-origin isolation. */
export class Chromium {
  readonly plain: FileServer;
  readonly isolated: FileServer;
  readonly browser: Browser;

  private constructor(plain: FileServer, isolated: FileServer, browser: Browser) {
    this.plain = plain;
    this.isolated = isolated;
    this.browser = browser;
  }

  /** `executablePath`: the browser. */
  static async start(executablePath = CHROMIUM!): Promise<Chromium> {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const headers = { 'content-security-policy': POLICY };
    const answer: ServerOptions['answer'] = (request, response) => {
      const policy = new URL(request.url!, 'http://localhost').searchParams.get('policy');
      if (policy !== null) response.setHeader('content-security-policy', policy);
      return undefined;
    };
    const [plain, isolated, browser] = await Promise.all([
      serveFiles(root, { headers, answer }),
      serveFiles(root, { headers: { ...headers, ...ISOLATION } }),
      chromium.launch({ executablePath }),
    ]);
    return new Chromium(plain, isolated, browser);
  }

  /**
   * Calls `run(argument)` of tests/e2e/browser/pages/NAME.mjs in a fresh page of a fresh profile, and gives
   * what it returns. An error in the page's console makes it fail.
   */
  async run<R>(
    name: string,
    argument: unknown = {},
    { isolated = false, policy, context }: RunOptions = {},
  ): Promise<R> {
    const server = isolated ? this.isolated : this.plain;
    const profile = context ?? (await this.browser.newContext());
    profile.setDefaultTimeout(PATIENCE_MS);
    const page = await profile.newPage();
    const query = policy === undefined ? '' : `?policy=${encodeURIComponent(policy)}`;
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        errors.push(message.text());
    });
    try {
      await page.goto(`${server.url}/tests/e2e/browser/pages/blank.html${query}`);
      const module = JSON.stringify(`/tests/e2e/browser/pages/${name}.mjs`);
      const result = await page.evaluate<R>(
        `import(${module}).then(({ run }) => run(${JSON.stringify(argument)}))`,
      );
      if (errors.length > 0) throw new Error(errors.join('\n'));
      return result;
    } finally {
      await (context ? page : profile).close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.browser.close(), this.plain.close(), this.isolated.close()]);
  }
}

export interface RunOptions {
  readonly isolated?: boolean;
  /** Replaces `POLICY`. */
  readonly policy?: string;
  /** A profile with storage that remains after the page is closed. */
  readonly context?: BrowserContext;
}
