import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { root } from '../../../scripts/run.mjs';
import { CHROMIUM } from './chromium_program.mjs';
import { peakOfRenderer } from './processes.mjs';
import { serve } from './server.mjs';

const PAGE = '/bench/lib/hosts/page.html';
/** Served files that are no part of a runtime: the bench's own, the models and the tokenizer. */
const NOT_RUNTIME = /^\/(bench\/lib|bench\/\.cache|tests|favicon\.ico)/;

const EMBEDDED = /^\/models\//;

/** An engine in a page of a separate Chromium. */
export class ChromiumHost {
  #server;
  #browser;
  #page;
  #spec;

  static async start({ files, ...spec }) {
    const host = new ChromiumHost();
    host.#spec = {
      ...spec,
      ...Object.fromEntries(Object.entries(files).map(([k, path]) => [k, `/${path}`])),
    };
    host.#server = await serve(root);
    try {
      host.#browser = await chromium.launchServer({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      const browser = await chromium.connect(host.#browser.wsEndpoint());
      host.#page = await browser.newPage();
      await host.#page.goto(host.#server.origin + PAGE);
      await host.#page.waitForFunction('globalThis.runner !== undefined');
      const isolated = await host.#page.evaluate('crossOriginIsolated');
      if (!isolated) throw new Error('the page is not cross-origin isolated');
    } catch (error) {
      await host.end();
      throw error;
    }
    return host;
  }

  load() {
    return this.#page.evaluate((spec) => globalThis.runner.load(spec), this.#spec);
  }

  generate(work) {
    return this.#page.evaluate((one) => globalThis.runner.generate(one), work);
  }

  /** Calls a function of the engine that only some engines have. */
  call(name, argument) {
    return this.#page.evaluate((work) => globalThis.runner.call(work), { name, argument });
  }

  /** Of the page's process, the largest that its resident memory has been; the browser's own is not counted. */
  async peakMegabytes() {
    return peakOfRenderer(this.#browser.process().pid);
  }

  /**
   * Bytes of the runtime's files that the page has fetched, each compressed with gzip -9, their names, and bytes of the
   * embedded model.
   */
  downloads() {
    const requested = [...this.#server.requested].filter((path) => !NOT_RUNTIME.test(path));
    const [models, files] = [true, false].map((is) => requested.filter((path) => EMBEDDED.test(path) === is));
    const sum = (paths, size) => paths.reduce((total, path) => total + size(join(root, path)), 0);
    return {
      bytes: sum(files, (path) => gzipSync(readFileSync(path), { level: 9 }).length),
      modelBytes: sum(models, (path) => statSync(path).size),
      files,
    };
  }

  async end() {
    await this.#browser?.kill();
    this.#server.close();
  }
}
