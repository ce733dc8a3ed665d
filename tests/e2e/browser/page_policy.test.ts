import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { MARKUP, RAN, refused, serveStranger, traces } from './markup.js';
import { button, drop, generate, Playground, ready, text } from './playground_page.js';

const policy = suite('policy of the page');
let own: Playground;
policy.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
policy.after(() => own.close());

policy('texts, names of files and models, and settings of a link are never markup', () =>
  own.visit(async ({ page, profile }) => {
    await profile.addInitScript(RAN);
    await page.goto(`${own.server.url}#examine?text=${encodeURIComponent(MARKUP)}`);
    await page.reload();
    await ready(page);
    await page.waitForFunction(
      (given) => document.querySelector<HTMLTextAreaElement>('#examine-text')?.value === given,
      MARKUP,
    );
    await button(page, 'Write').click();
    await text(page).fill(`Once ${MARKUP}`);
    await generate(page, 4);
    const problem = page.locator('#problem');
    await drop(page, { name: `${MARKUP}.exe`, bytes: Buffer.from(MARKUP) });
    await problem.filter({ hasText: '<img' }).waitFor();
    await drop(page, { name: `${MARKUP}.gguf`, bytes: readFileSync(own.model) });
    await page.locator('#model-name b', { hasText: MARKUP }).waitFor();
    await ready(page);
    for (const view of ['Examine', 'Look inside', 'Describe', 'Teach', 'Write']) {
      await button(page, view).click();
      if (view === 'Examine') {
        await button(page, 'Start').click();
        await page.locator('.outcome', { hasText: 'Examined' }).waitFor();
        for (const part of await page.locator('#examine details > summary').all()) await part.click();
      }
      if (view === 'Look inside') await page.locator('.bars li').first().waitFor();
      if (view === 'Teach') await drop(page, { name: `${MARKUP}.txt`, bytes: Buffer.from(MARKUP) });
      assert.equal(await traces(page), [], view);
    }
  }),
);

/** Ways in which a script in the page could run code of a text, or send something away; each must fail. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  markup: 'document.body.innerHTML = "<img src=x onerror=ran.push(1)>"',
  'markup beside': 'document.body.insertAdjacentHTML("beforeend", "<b>a</b>")',
  'parsed markup': 'new DOMParser().parseFromString("<b>a</b>", "text/html")',
  'a document': 'document.write("<script>ran.push(1)</script>")',
  'a frame of markup': 'document.createElement("iframe").srcdoc = "<b>a</b>"',
  'a text as code': 'eval("ran.push(1)")',
  'a function of a text': 'new Function("ran.push(1)")()',
  'a text after a time': 'setTimeout("ran.push(1)")',
  'a script of a text': 'document.createElement("script").text = "ran.push(1)"',
  'a script of another site': 'document.createElement("script").src = STRANGER',
  'a worker of another site': 'new Worker(STRANGER)',
  'a worker of a text': 'new Worker(URL.createObjectURL(new Blob(["fetch(STRANGER)"])))',
  'another policy': 'trustedTypes.createPolicy("own", { createHTML: (text) => text })',
  'a second policy of a name': 'trustedTypes.createPolicy("drawings", { createHTML: (text) => text })',
  'a module of a text': 'await import("data:text/javascript,ran.push(1)")',
  'a module of another site': 'await import(STRANGER)',
  'a request': 'await fetch(STRANGER)',
  'a socket': 'await until(new WebSocket(STRANGER.replace("http", "ws")), "open")',
  'events of a server': 'await until(new EventSource(STRANGER), "open")',
  'an image': 'await until(Object.assign(new Image(), { src: STRANGER }), "load")',
  'a video': 'await until(Object.assign(document.createElement("video"), { src: STRANGER }), "loadeddata")',
  'a style sheet':
    'await added(Object.assign(document.createElement("link"), { rel: "stylesheet", href: STRANGER }))',
  'a frame': 'await added(Object.assign(document.createElement("iframe"), { src: STRANGER }))',
  'a plugin': 'await added(Object.assign(document.createElement("object"), { data: STRANGER }))',
};

policy('a script in the page can run no text as code, and send nothing to another site', async () => {
  const stranger = await serveStranger();
  try {
    await own.visit(async ({ page, errors, strangers }) => {
      await ready(page);
      await page.evaluate(RAN);
      const done: string[] = [];
      for (const [name, code] of Object.entries(ATTEMPTS)) {
        if (!(await refused(page, code, stranger.url))) done.push(name);
      }
      assert.equal(done, []);
      assert.equal(await page.evaluate('ran'), []);
      assert.equal(stranger.requests, []);
      // Chromium names a blocked request and the violation; both were wanted here.
      strangers.splice(0);
      errors.splice(0);
    });
  } finally {
    await stranger.close();
  }
});

if (CHROMIUM !== undefined) policy.run();
