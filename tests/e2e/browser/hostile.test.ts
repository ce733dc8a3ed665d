import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writePng } from '../../support/png_writer.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM } from './chromium.js';
import {
  button,
  drop,
  dropFolder,
  generate,
  idle,
  Playground,
  ready,
  summary,
  text,
} from './playground_page.js';

// Another version of the page, another page of the origin, a full disk and a failing worker do no harm to the page.

const hostile = suite('playground against hostile surroundings');
let own: Playground;
hostile.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
hostile.after(() => own.close());

const problem = (page: Page, text: string | RegExp) =>
  page.locator('#problem:not([hidden])', { hasText: text }).waitFor();
const examineText = (page: Page) => page.locator('#examine-text');
const examined = (page: Page, text: string | RegExp) =>
  page.locator('#examine .outcome', { hasText: text }).waitFor();

/** Puts records, which `make` gives, into a database as the page names it. Functions of the page make files. */
const store = (page: Page, database: string, table: string, make: string) =>
  page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open(${JSON.stringify(database)});
    opening.onupgradeneeded = () => opening.result.createObjectStore(${JSON.stringify(table)});
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(${JSON.stringify(table)}, 'readwrite');
      const records = transaction.objectStore(${JSON.stringify(table)});
      for (const [i, record] of (${make}).entries()) records.put(record, record?.id ?? i);
      transaction.oncomplete = () => { opening.result.close(); resolve(); };
    };
  })`);

/** Holds files that are read and the messages to workers until the returned function lets one kind of them go. */
async function hold(page: Page): Promise<(kind: 'file' | 'generation') => Promise<void>> {
  await page.evaluate(`{
    const { arrayBuffer } = Blob.prototype;
    const { postMessage } = Worker.prototype;
    globalThis.held = { file: Promise.withResolvers(), generation: Promise.withResolvers() };
    Blob.prototype.arrayBuffer = async function () {
      await held.file.promise;
      return arrayBuffer.call(this);
    };
    Worker.prototype.postMessage = function (...message) {
      held.generation.promise.then(() => postMessage.apply(this, message));
    };
  }`);
  return (kind) => page.evaluate(`held.${kind}.resolve()`);
}

const NO_RECORDS = `null, 5, 'a', [], {}, { id: 5 }`;
const FILES = `[new File(['x'], 'config.json')]`;

hostile('records that are none of this version hide none of the others', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const choice = `{ prompt: 'Once', chosen: ' a', rejected: ' b', model: 'm', time: '2026-01-01T00:00:00.000Z' }`;
    await store(
      page,
      'gpt2-wasm-choices',
      'choices',
      `[${NO_RECORDS}, { ...${choice}, id: 'a' }, { ...${choice}, id: 'b', chosen: 7 }, { ...${choice}, id: 'c', time: 'never' },
        { id: 'd', prompt: 'p', completion: 'c', label: 'no', model: 'm', time: '2026-01-01T00:00:00.000Z' }]`,
    );
    const adapter = `{ model: './models/stories/stories.gguf', base: 'stories', about: 'x', isOn: false, files: ${FILES} }`;
    await store(
      page,
      'gpt2-wasm-learned',
      'adapters',
      `[${NO_RECORDS}, { ...${adapter}, id: 'a', name: 'mine' }, { ...${adapter}, id: 'b', name: 'other', isOn: true, files: 'x' }]`,
    );
    const taught = `{ base: 'x', adapters: [], byteLength: 5, source: ${FILES} }`;
    await store(
      page,
      'gpt2-wasm-playground',
      'taught',
      `[${NO_RECORDS}, { ...${taught}, id: 'a', name: 'taught' }, { ...${taught}, id: 'b', name: 'bad', adapters: 7 },
        { ...${taught}, id: 'c', name: 'bad', source: 7 }, { ...${taught}, id: 'd', name: 'bad', byteLength: 'x' }]`,
    );
    await page.reload();
    await ready(page);
    await page.locator('#learned option', { hasText: 'mine' }).waitFor({ state: 'attached' });
    assert.equal(await page.locator('#learned option').allTextContents(), ['off', 'mine']);
    await page.locator('#models > summary').click();
    await page.locator('#taught li').waitFor();
    assert.is(await page.locator('#taught li').count(), 1);
    await page.getByRole('checkbox', { name: 'Keep my choices' }).check();
    await page.locator('#choice-note', { hasText: '1 choice' }).waitFor();
    await text(page).fill('Once upon a time');
    await generate(page, 4);
    await button(page, 'Good').click();
    await page.locator('#choice-note', { hasText: '2 choices' }).waitFor();
  }),
);

hostile('settings that are no numbers are those of the beginning', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const settings = '{"maxTokens":{"toString":1,"valueOf":1},"seed":{"toString":null},"temperature":1.5}';
    await page.evaluate((kept) => localStorage.setItem('gpt2-wasm-sampling', kept), settings);
    await page.reload();
    await ready(page);
    assert.is(await page.locator('#temperature').inputValue(), '1.5');
    assert.is.not(await page.locator('#maxTokens').inputValue(), '');
  }),
);

hostile('a page that may store nothing, and has no service workers, says so and works', () =>
  own.visit(async ({ page, profile }) => {
    await profile.addInitScript(`
      const deny = { configurable: true, get() { throw new DOMException('denied', 'SecurityError'); } };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(globalThis, name, deny);
      for (const name of ['serviceWorker', 'clipboard']) Object.defineProperty(Navigator.prototype, name, deny);
    `);
    await page.reload();
    await ready(page);
    await page.getByRole('checkbox', { name: 'Keep my choices' }).check();
    await text(page).fill('Once upon a time');
    await generate(page, 4);
    await page.locator('#kept-note', { hasText: 'Not stored' }).waitFor();
    await button(page, 'Good').click();
    await problem(page, 'Let this site store data');
    assert.is.not(await summary(page).textContent(), 'Your choice is stored in this browser.');
  }),
);

hostile('a text that has no room in the storage of the tab comes back after a reload', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const kept = (text: string) =>
      until(() => page.evaluate((t) => localStorage.getItem('gpt2-wasm-text') === t, text));
    await text(page).fill('an old text');
    await kept('an old text');
    await page.evaluate(() => {
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (name, value) {
        if (this === sessionStorage) throw new DOMException('full', 'QuotaExceededError');
        setItem.call(this, name, value);
      };
    });
    await text(page).fill('a new text');
    await kept('a new text');
    await page.reload();
    assert.is(await text(page).inputValue(), 'a new text');
  }),
);

hostile('a model whose worker failed can be loaded again from each view and from the list', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const fail = async () => {
      for (const worker of page.workers()) {
        // A worker that has failed is ended before it answers.
        await worker.evaluate('setTimeout(() => { throw new Error("broken"); })').catch(() => {});
      }
      await until(() => page.workers().length === 0);
    };
    await button(page, 'Examine').click();
    await examineText(page).fill('Once upon a time there was a dog.');
    await fail();
    await page.locator('#examine').getByRole('button', { name: 'Start' }).click();
    await problem(page, "the model's worker failed");
    await button(page, 'Load the model again').click();
    await ready(page);
    await page.locator('#examine').getByRole('button', { name: 'Start', disabled: false }).click();
    await examined(page, 'Examined');
    await fail();
    await page.locator('#models > summary').click();
    await button(page, 'stories, of the package').click();
    await until(() => page.workers().length > 0);
    await page.locator('#loading').waitFor({ state: 'hidden' });
    await page.locator('#examine').getByRole('button', { name: 'Start' }).click();
    await examined(page, 'Examined');
  }),
);

hostile('going back to a link keeps what was written since; a link that is too long says so', () =>
  own.visit(async ({ page }) => {
    await page.goto(`${own.server.url}#examine?text=abc`);
    await until(async () => (await examineText(page).inputValue()) === 'abc');
    await examineText(page).fill('mine');
    await button(page, 'Write').click();
    await page.goBack();
    await examineText(page).waitFor();
    assert.is(await examineText(page).inputValue(), 'mine');
    await page.goto(`${own.server.url}#examine?text=def`);
    await until(async () => (await examineText(page).inputValue()) === 'def');
    await page.goto(`${own.server.url}#examine?text=${'a'.repeat(20_000)}`);
    await examined(page, 'The link is longer than a link may be');
    assert.is(await examineText(page).inputValue(), 'def');
  }),
);

hostile('an edited choice stays while the list is drawn again', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const choice = `{ id: 'a', prompt: 'Once', chosen: ' a', rejected: ' b', model: 'm', time: '2026-01-01T00:00:00.000Z' }`;
    await store(page, 'gpt2-wasm-choices', 'choices', `[${choice}]`);
    await button(page, 'Teach').click();
    await button(page, 'My choices').click();
    await page.getByRole('button', { name: 'Edit choice 1' }).click();
    const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
    await prompt.fill('edited');
    await button(page, 'Write').click();
    await button(page, 'Teach').click();
    await page.locator('#choice-count', { hasText: '1 preference' }).waitFor();
    assert.is(await prompt.inputValue(), 'edited');
    await button(page, 'Save').click();
    await page.locator('.sample', { hasText: 'edited' }).waitFor();
  }),
);

hostile('a view that cannot be loaded says so, and loads when it is tried again', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await page.route(/examine_view/, (route) => route.abort());
    await button(page, 'Examine').click();
    await problem(page, 'a part of this page could not be loaded');
    await problem(page, 'Check the connection');
    await page.unroute(/examine_view/);
    await button(page, 'Try again').click();
    await examineText(page).waitFor();
  }),
);

hostile(
  'a text that is dropped is shown, or the page says why not; folders and archives are no texts to learn from',
  () =>
    own.visit(async ({ page }) => {
      await ready(page);
      await button(page, 'Describe').click();
      await drop(page, { name: 'story.txt', bytes: Buffer.from('Once') });
      await summary(page).filter({ hasText: 'story.txt is open' }).waitFor();
      assert.is(await text(page).inputValue(), 'Once');
      const letGo = await hold(page);
      await drop(page, { name: 'late.txt', bytes: Buffer.from('late') });
      await page.keyboard.press('Control+Enter');
      await page.locator('body.generating').waitFor();
      await letGo('file');
      await summary(page).filter({ hasText: 'late.txt is not open: the model is writing' }).waitFor();
      await letGo('generation');
      await idle(page);
      assert.match(await text(page).inputValue(), /^Once/);
      await button(page, 'Teach').click();
      await drop(page, { name: 'broken.zip', bytes: Buffer.from('no') });
      await problem(page, 'broken.zip is not a .zip file');
      await dropFolder(page, fileURLToPath(storiesTiny));
      await page.locator('#model-name b', { hasText: 'stories-tiny' }).waitFor();
      assert.is(await page.locator('#lesson-files li').count(), 0);
    }),
);

hostile('a lesson whose worker fails while it saves can be left', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await page.evaluate(() => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (
        this: Worker,
        message: { command?: string },
        ...rest: never[]
      ) {
        if (message.command !== 'save') return postMessage.call(this, message, ...rest);
        this.onerror!(new ErrorEvent('error', { message: 'broken' }));
      } as never;
    });
    await button(page, 'Teach').click();
    await page.locator('#lesson-text').fill('Once upon a time there was a dog. '.repeat(100));
    await page.locator('#lesson-steps').fill('50');
    await page.locator('#lesson-run').click();
    await page.locator('#lesson-status', { hasText: 'Step 1' }).waitFor();
    await page.locator('#lesson-run').click();
    await problem(page, 'the worker that trains failed: broken');
    assert.is(await page.locator('#lesson-run').textContent(), 'Start');
    assert.ok(await page.locator('#lesson-run').isEnabled());
  }),
);

hostile('of images that are opened one after the other, the last one is shown', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await page.evaluate(() => {
      const decode = globalThis.createImageBitmap as (image: File) => Promise<ImageBitmap>;
      globalThis.createImageBitmap = (async (image: File) => {
        if (image.name === 'slow.png') await new Promise((resolve) => setTimeout(resolve, 1000));
        return decode(image);
      }) as never;
    });
    const bytes = Buffer.from(
      writePng({ width: 2, height: 2, depth: 8, kind: 0, samples: [0, 80, 160, 240] }),
    );
    await drop(page, { name: 'slow.png', bytes });
    await drop(page, { name: 'fast.png', bytes });
    await page.getByRole('img', { name: 'The image fast.png' }).waitFor();
    await page.waitForTimeout(1500);
    assert.is(await page.getByRole('img', { name: 'The image fast.png' }).count(), 1);
  }),
);

hostile(
  'a service worker of other modules is another one, so that browsers store all files of one version',
  () => {
    const hash = createHash('sha256');
    const modules = new URL('../../../build/web/', import.meta.url);
    for (const name of readdirSync(modules).sort()) hash.update(readFileSync(new URL(name, modules)));
    const worker = readFileSync(join(own.site, 'service_worker.js'), 'utf8');
    assert.ok(worker.endsWith(`\n// ${hash.digest('hex')}\n`));
  },
);

hostile('a held key starts the work once', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill('Once upon a time');
    await page.locator('#maxTokens').fill('40');
    await page.keyboard.down('Control');
    for (let i = 0; i < 4; i++) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.keyboard.up('Control');
    await summary(page)
      .filter({ hasText: /\d token/ })
      .waitFor();
    assert.not.match((await summary(page).textContent())!, /^Stopped/);
  }),
);

hostile('addresses with other queries take no room in the storage of the page', () =>
  own.visit(
    async ({ page }) => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      for (const query of ['?a=1', '?a=2']) {
        await page.goto(own.server.url + query);
        await ready(page);
      }
      const stored = await page.evaluate(async () => {
        const cache = await caches.open('gpt2-wasm-playground');
        return (await cache.keys()).map(({ url }) => new URL(url).search).filter((search) => search !== '');
      });
      assert.equal(stored, []);
    },
    { serviceWorkers: 'allow' },
  ),
);

if (CHROMIUM !== undefined) hostile.run();
