import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type Model } from '../../../src/index.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM } from './chromium.js';
import {
  button,
  coloured,
  drop,
  field,
  generate,
  idle,
  Playground,
  pointOf,
  ready,
  restOn,
  summary,
  text,
  value,
} from './playground_page.js';

const BEGINNING = 'Once upon a time';

const writing = suite('writing');
let own: Playground;
let model: Model;

writing.before(async () => {
  own = await Playground.start({ model: storiesTiny });
  // The build that the page uses.
  model = await loadModel(own.model, { build: 'relaxed' });
});
writing.after(async () => {
  await own.close();
  model.dispose();
});

const select = (page: Page, from: number, to: number) =>
  text(page).evaluate(
    (area, [start, end]) => {
      (area as HTMLTextAreaElement).focus();
      (area as HTMLTextAreaElement).setSelectionRange(start!, end!);
    },
    [from, to],
  );

writing('typing and generations are one history, by keys and by buttons', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).focus();
    await page.keyboard.type('The dog');
    const generated = await generate(page, 6);
    assert.ok(generated.startsWith('The dog') && generated.length > 8);
    await text(page).fill('A story of my own.');
    await text(page).focus();
    await page.keyboard.press('Control+z');
    assert.is(await value(page), generated, 'what was written by hand is undone first');
    await page.keyboard.press('Control+z');
    assert.is(await value(page), 'The dog');
    await page.keyboard.press('Control+z');
    assert.is(await value(page), '');
    for (const [key, after] of [
      ['Control+y', 'The dog'],
      ['Control+Shift+Z', generated],
      ['Control+y', 'A story of my own.'],
      ['Control+y', 'A story of my own.'],
    ] as const) {
      await page.keyboard.press(key);
      assert.is(await value(page), after);
    }
    assert.ok(await button(page, 'Redo').isDisabled());
    await button(page, 'Undo').click();
    await page.keyboard.press('Control+Shift+Z');
    assert.is(await value(page), 'A story of my own.', 'the keys work with the focus on a button');
  }),
);

writing('the menu of the browser undoes the same steps', () =>
  own.visit(async ({ page }) => {
    await text(page).fill('one');
    await text(page).fill('one two');
    const ask = (inputType: string) =>
      text(page).evaluate(
        (area, type) =>
          area.dispatchEvent(new InputEvent('beforeinput', { inputType: type, cancelable: true })),
        inputType,
      );
    assert.not(await ask('historyUndo'), 'the page does it, not the browser');
    assert.is(await value(page), 'one');
    assert.not(await ask('historyRedo'));
    assert.is(await value(page), 'one two');
  }),
);

writing(
  'Regenerate keeps what a person wrote around the generated text, and is off once that is changed',
  () =>
    own.visit(async ({ page }) => {
      await ready(page);
      await text(page).fill(BEGINNING);
      const made = (await generate(page, 8)).slice(BEGINNING.length);
      await text(page).press('End');
      await page.keyboard.type(' And I wrote this.');
      await select(page, 0, 0);
      await page.keyboard.type('Title: ');
      await page.getByRole('checkbox', { name: 'Keep this seed' }).uncheck();
      const before = await value(page);
      for (let i = 0; i < 3; i++) {
        await button(page, 'Regenerate').click();
        await idle(page);
        const now = await value(page);
        assert.ok(now.startsWith(`Title: ${BEGINNING}`), now);
        assert.ok(now.endsWith(' And I wrote this.'), now);
      }
      while ((await value(page)) !== before) await button(page, 'Undo').click();
      const at = 'Title: '.length + BEGINNING.length + made.indexOf(made.trim()) + 1;
      await select(page, at, at);
      await page.keyboard.type('XY');
      assert.ok(await button(page, 'Regenerate').isDisabled(), 'that text is a person\u2019s now');
    }),
);

writing('text, settings and switches are there after a reload and in a new tab', () =>
  own.visit(
    async ({ page, profile }) => {
      await ready(page);
      await text(page).fill(BEGINNING);
      const written = await generate(page, 6);
      await field(page, 'Temperature').fill('0.35');
      await field(page, 'Temperature').blur();
      await page.getByRole('checkbox', { name: /^Colour tokens/ }).uncheck();
      await text(page).press('Control+End');
      await page.keyboard.type(' typed last');
      const check = async (tab: Page) => {
        assert.is(await value(tab), `${written} typed last`);
        assert.is(await field(tab, 'Temperature').inputValue(), '0.35');
        assert.is(await field(tab, 'Length').inputValue(), '6');
        assert.is(await field(tab, 'Seed').inputValue(), '8');
        assert.ok(await tab.getByRole('checkbox', { name: 'Keep this seed' }).isChecked());
        assert.not(await tab.getByRole('checkbox', { name: /^Colour tokens/ }).isChecked());
      };
      // At once, before the text is stored after its delay.
      await page.reload();
      await check(page);
      const tab = await profile.newPage();
      await tab.goto(own.server.url);
      await check(tab);
      await text(tab).fill('The other tab');
      await tab.close();
      await page.reload();
      await check(page);
      await button(page, 'Reset').click();
      await page.reload();
      assert.is(await field(page, 'Temperature').inputValue(), '0.8');
    },
    { serviceWorkers: 'allow' },
  ),
);

writing('without storage the page works, says so, and asks before text is lost', () =>
  own.visit(async ({ page, profile }) => {
    await profile.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(globalThis, name, {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        });
      }
    });
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page.reload();
    await ready(page);
    await page.reload();
    assert.equal(asked, [], 'there is nothing to lose');
    await ready(page);
    await text(page).fill(BEGINNING);
    assert.ok((await generate(page, 4)).startsWith(BEGINNING));
    await page.getByText('Not stored in this browser').waitFor();
    const download = page.waitForEvent('download');
    await button(page, 'Save').click();
    await download;
    await page.reload();
    assert.equal(asked, [], 'a saved text is not lost');
    await text(page).fill('More');
    await page.reload();
    assert.equal(asked, ['beforeunload']);
    assert.is(await value(page), '');
  }),
);

writing('nothing asks if the browser keeps the text', () =>
  own.visit(async ({ page }) => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await text(page).fill('Kept');
    await page.reload();
    assert.equal(asked, []);
    assert.is(await value(page), 'Kept');
  }),
);

writing('a text is opened, by choice and by drop, and saved as it is, without a loss of the one before', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill('My own');
    const content = 'Zeile 1\r\nZ\u00E4hle 2\n';
    await page.locator('#open-input').setInputFiles({
      name: 'notes.md',
      mimeType: 'text/markdown',
      buffer: Buffer.from(content),
    });
    await summary(page).filter({ hasText: 'notes.md is open' }).waitFor();
    assert.is(await value(page), 'Zeile 1\nZ\u00E4hle 2\n');
    const saving = page.waitForEvent('download');
    await button(page, 'Save').click();
    const download = await saving;
    assert.is(download.suggestedFilename(), 'notes.md');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    assert.is(Buffer.concat(chunks).toString(), 'Zeile 1\nZ\u00E4hle 2\n');

    for (const bytes of [
      Buffer.from('\uFEFFGr\u00FC\u00DFe', 'utf8'),
      Buffer.from('\uFEFFGr\u00FC\u00DFe', 'utf16le'),
      Buffer.from('Gr\u00FC\u00DFe', 'latin1'),
    ]) {
      await text(page).fill('');
      await drop(page, { name: 'letter.txt', bytes: bytes });
      await until(async () => (await value(page)) === 'Gr\u00FC\u00DFe');
    }
    await drop(page, { name: 'picture.txt', bytes: Buffer.from([137, 80, 78, 71, 0, 0, 0]) });
    await page.getByRole('alert').filter({ hasText: 'picture.txt is not a text file' }).waitFor();
    assert.is(await value(page), 'Gr\u00FC\u00DFe', 'the text stays');
    await button(page, 'New').click();
    assert.is(await value(page), '');
    await button(page, 'Undo').click();
    assert.is(await value(page), 'Gr\u00FC\u00DFe');
    assert.ok(await page.locator('#model-name', { hasText: 'parameters' }).isVisible());
  }),
);

writing('Generate writes at the caret, and in place of what is selected', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const prefix = 'The dog';
    const suffix = ' Then they all went home.';
    await text(page).fill(prefix + suffix);
    await select(page, prefix.length, prefix.length);
    await page.locator('#meter', { hasText: 'At the caret' }).waitFor();
    const options = { temperature: 0.8, topP: 0.95, maxTokens: 8, seed: 8, heal: true };
    const { text: expected } = await model.generate(prefix, options);
    assert.is(await generate(page, 8), prefix + expected + suffix);
    assert.is(
      await text(page).evaluate((area) => (area as HTMLTextAreaElement).selectionStart),
      prefix.length + expected.length,
    );
    await button(page, 'Undo').click();
    await select(page, 4, 7);
    await page.locator('#meter', { hasText: 'Replaces the selection' }).waitFor();
    const { text: other } = await model.generate('The ', options);
    assert.is(await generate(page, 8), `The ${other}${suffix}`);
  }),
);

writing('a text may end inside a word, and its tokens are found again after that', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const prompt = 'Once upon a ti';
    await text(page).fill(prompt);
    const options = { temperature: 0.8, topP: 0.95, maxTokens: 6, seed: 8 };
    const first = await model.generate(prompt, { ...options, heal: true });
    assert.match(first.text, /^me\b/);
    const written = prompt + first.text;
    assert.is(await generate(page, 6), written);
    const ids = model.tokenizer.encode(prompt).slice(0, first.usage.promptTokens);
    const second = await model.generate([...ids, ...first.tokens], options);
    await button(page, 'Continue').click();
    await idle(page);
    assert.is(await value(page), written + second.text);
  }),
);

writing('another token in a person\u2019s text replaces that token alone', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill('Once upon a dog there was more text.');
    await until(async () => (await coloured(page, 4)).concat(await coloured(page, 3)).includes('dog'));
    await restOn(page, 'Once upon a d'.length);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Choose one to put it there.').waitFor();
    await dialog.getByRole('button', { name: /^time / }).click();
    await until(async () => (await value(page)) === 'Once upon a time there was more text.');
    await button(page, 'Undo').click();
    assert.is(await value(page), 'Once upon a dog there was more text.');
  }),
);

writing(
  'the text behind is laid out as the text area, character by character, so that colours lie on their words',
  () =>
    own.visit(
      async ({ page }) => {
        await ready(page);
        const texts = [
          'AVAVA Ta. To. Yo, WAVE. LTLT (fi ffi) AT&T \u2014 Ty. '.repeat(8),
          'The fox said, "Let us go!" \u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD. 123 '.repeat(8),
          '\u0645\u0631\u062D\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645. '.repeat(12),
          `a${'b'.repeat(200)} c\n\n\nd\te  f\n${'\u{1F468}\u200D\u{1F469}\u200D\u{1F467} '.repeat(20)}`,
        ];
        for (const width of [320, 412, 560, 800]) {
          await page.setViewportSize({ width, height: 800 });
          for (const each of texts) {
            await text(page).fill(each);
            const [nodes, behind, area] = await page.evaluate(() => {
              const mirror = document.querySelector<HTMLElement>('#mirror')!;
              const node = mirror.firstChild as Text;
              const range = document.createRange();
              const lineHeight = parseFloat(getComputedStyle(mirror).lineHeight);
              const { top } = mirror.getBoundingClientRect();
              let lines = 0;
              for (let at = 0; at < node.length; at++) {
                range.setStart(node, at);
                range.setEnd(node, at + 1);
                for (const box of range.getClientRects()) {
                  lines = Math.max(lines, Math.floor((box.top - top) / lineHeight) + 1);
                }
              }
              const box = document.querySelector('textarea')!;
              // The height that the text needs, without extra room in the text area.
              box.style.height = '0';
              box.style.minHeight = '0';
              const needed = Math.round(box.scrollHeight / lineHeight);
              box.removeAttribute('style');
              return [mirror.childNodes.length, lines, needed];
            });
            assert.is(nodes, 1, 'one text node');
            assert.is(behind, area, `as many lines at ${width}: ${each.slice(0, 20)}`);
          }
        }
      },
      { viewport: { width: 320, height: 800 } },
    ),
);

writing('without the Highlight API the page works, without colours', () =>
  own.visit(async ({ page, profile }) => {
    await profile.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'Highlight');
      Reflect.deleteProperty(CSS, 'highlights');
    });
    await page.reload();
    await ready(page);
    await text(page).fill(BEGINNING);
    const written = await generate(page, 6);
    assert.ok(await page.getByRole('checkbox', { name: /^Colour tokens/ }).isDisabled());
    await restOn(page, written.length - 2);
    await page.getByRole('dialog').getByRole('listitem').first().waitFor();
  }),
);

writing(
  'alternatives have a switch, open neither by a click nor while typing, and cover no text and no button',
  () =>
    own.visit(
      async ({ page }) => {
        await ready(page);
        await text(page).fill(BEGINNING);
        await generate(page, 100);
        const dialog = page.getByRole('dialog');
        const visible = () => dialog.isVisible();
        const asked = page.getByRole('checkbox', { name: 'Alternatives at the pointer' });
        await asked.uncheck();
        await text(page).evaluate((area) => area.scrollIntoView({ block: 'end' }));
        await select(page, BEGINNING.length + 20, BEGINNING.length + 20);
        await restOn(page, BEGINNING.length + 20);
        await page.mouse.down();
        await page.mouse.up();
        await page.keyboard.type('x');
        await page.keyboard.press('Backspace');
        // Whatever opens the dialog marks its token at once, or after the pointer has rested.
        await page.waitForTimeout(600);
        assert.not(await visible());

        await asked.check();
        await page.keyboard.press('Escape');
        await text(page).press('Control+End');
        await page.locator('#meter', { hasText: /^\d/ }).waitFor();
        await until(async () => !(await page.locator('#alternatives-button').isDisabled()));
        await page.keyboard.press('Alt+ArrowDown');
        await dialog.getByRole('listitem').first().waitFor();
        const boxes = await page.evaluate(() => {
          const of = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
          const node = document.querySelector('#mirror')!.firstChild as Text;
          const range = document.createRange();
          range.setStart(node, node.length - 1);
          range.setEnd(node, node.length);
          const box = of('#alternatives');
          const apart = (other: DOMRect) => other.bottom <= box.top + 1 || other.top >= box.bottom - 1;
          const run = of('#run');
          return {
            token: apart(range.getBoundingClientRect()),
            seen: range.getBoundingClientRect().bottom <= box.top && range.getBoundingClientRect().top >= 0,
            run: apart(run) && run.bottom <= innerHeight + 1,
            inside: box.top >= 0 && box.bottom <= innerHeight,
          };
        });
        assert.equal(boxes, { token: true, seen: true, run: true, inside: true });
        for (const choice of await dialog.getByRole('listitem').getByRole('button').all()) {
          assert.is(await choice.getAttribute('aria-label'), null, 'its name is what it shows');
        }
        await page.keyboard.press('Escape');
        assert.not(await visible());
      },
      { viewport: { width: 683, height: 384 } },
    ),
);

writing('what was said of a text goes when the text changes', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill(BEGINNING);
    await generate(page, 4);
    assert.match(await summary(page).innerText(), /4 tokens|ended/);
    await text(page).press('Control+End');
    await page.keyboard.type('!');
    assert.is(await summary(page).innerText(), '');
    await button(page, 'Copy').click();
    await summary(page)
      .filter({ hasText: /Copied|selected/ })
      .waitFor();
    await button(page, 'New').click();
    assert.not(/token/.test(await summary(page).innerText()));
  }),
);

writing('a text longer than the context is judged where it is seen, and continued from what is said', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const sentence = 'Once upon a time there was a zebra who drank violin. ';
    await text(page).fill(sentence.repeat(120));
    await until(async () => (await coloured(page, 4)).length > 10);
    const last = () => page.evaluate(() => CSS.highlights.get('p4')!.size);
    await page.locator('#sheet').evaluate((sheet) => sheet.scrollTo({ top: sheet.scrollHeight }));
    await until(async () => (await last()) > 3);
    await text(page).press('Control+End');
    await page.keyboard.press('Control+Enter');
    const goOn = button(page, `Continue from the last ${model.config.contextLength / 2} tokens`);
    await goOn.waitFor();
    await field(page, 'Length').fill('5');
    await goOn.click();
    await summary(page)
      .filter({ hasText: /^(5 tokens|The model ended)/ })
      .waitFor();
    assert.ok((await value(page)).startsWith(sentence.repeat(120)));
  }),
);

writing('a double click on Generate generates', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill(BEGINNING);
    await field(page, 'Length').fill('10');
    await field(page, 'Seed').fill('7');
    await button(page, 'Generate').dblclick();
    await summary(page)
      .filter({ hasText: /^(10 tokens|The model ended)/ })
      .waitFor();
  }),
);

writing('what the model writes is told to screen readers', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await text(page).fill(BEGINNING);
    const written = await generate(page, 60);
    const log = page.getByRole('log', { name: 'What the model writes' });
    const told = (await log.locator('p').allTextContents()).join(' ');
    const words = (of: string) => of.split(/\s+/).filter((word) => word !== '');
    assert.equal(words(told), words(written.slice(BEGINNING.length)));
  }),
);

writing('frames do not hold up tokens, and a key lays out the text around it alone', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const paragraph = `${'the quick brown fox jumps over a lazy dog. '.repeat(10)}\n\n`;
    await text(page).fill(paragraph.repeat(120));
    // Counts the changes of the mirror: none may replace the whole text.
    await page.evaluate(() => {
      const node = document.querySelector('#mirror')!.firstChild as Text;
      const changed = globalThis as unknown as { most: number };
      changed.most = 0;
      const replace = node.replaceData.bind(node);
      node.replaceData = (at, removed, added) => {
        changed.most = Math.max(changed.most, removed, added.length);
        replace(at, removed, added);
      };
    });
    await select(page, 20_000, 20_000);
    await page.keyboard.type('some words');
    assert.is(await page.evaluate(() => (globalThis as unknown as { most: number }).most), 1);
    assert.ok((await value(page)).slice(20_000).startsWith('some words'));
    assert.ok((await pointOf(page, 20_000)).y > 0);
    const ranges = await page.evaluate(() =>
      ['p1', 'p2', 'p3', 'p4'].reduce((sum, name) => sum + CSS.highlights.get(name)!.size, 0),
    );
    assert.ok(ranges < 2000, `${ranges} ranges: only what is seen is coloured`);
  }),
);

writing('once loaded, the page works without its server', async () => {
  const server = await own.serve();
  const options = { temperature: 0.8, topP: 0.95, maxTokens: 10, seed: 8, heal: true };
  const expected = await model.generate(BEGINNING, options);
  try {
    await own.visit(
      async ({ page }) => {
        await ready(page);
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
        await server.close();
        await page.reload();
        await ready(page);
        await text(page).fill(BEGINNING);
        assert.is(await generate(page, 10), BEGINNING + expected.text);
        assert.ok(await page.evaluate(() => globalThis.crossOriginIsolated));
        await button(page, 'Teach').click();
        await text(page).fill('A robot counts to ten. '.repeat(30));
        await page.getByRole('spinbutton', { name: 'Steps' }).fill('1');
        await button(page, 'Start').click();
        await page.locator('#lesson-summary', { hasText: 'Learned in 1 step' }).waitFor();
      },
      { url: server.url, serviceWorkers: 'allow' },
    );
  } finally {
    await server.close();
  }
});

if (CHROMIUM !== undefined) writing.run();
