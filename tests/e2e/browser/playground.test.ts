import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { convertModel, embeddedModel, loadModel, type Model } from '../../../src/index.js';
import { type FileServer, serveFiles } from '../../support/file_server.js';
import '../../support/relaxed.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM } from './chromium.js';
import {
  button,
  coloured,
  dropFiles,
  dropFolder,
  field,
  idle,
  Playground,
  ready,
  restOn,
  text,
  value,
} from './playground_page.js';

const MODEL_FOLDER = fileURLToPath(storiesTiny);
const BEGINNING = 'Once upon a time';
const SEED = 1234;

const playground = suite('playground');
let own: Playground;
let model: Model;

playground.before(async () => {
  own = await Playground.start();
  // The build that the page uses: in 4 bits, another build differs in the last bits, which sometimes changes
  // a sample.
  model = await loadModel(embeddedModel, { build: 'relaxed' });
});

playground.after(async () => {
  await own.close();
  model.dispose();
});

const visit: Playground['visit'] = (use, options) => own.visit(use, options);

async function setSeed(page: Page, length: number): Promise<void> {
  await page.getByRole('spinbutton', { name: 'Length' }).fill(String(length));
  await page.getByRole('spinbutton', { name: 'Seed' }).fill(String(SEED));
}

/** Writes a beginning and lets the model continue. */
async function story(page: Page, length: number): Promise<string> {
  await ready(page);
  await text(page).fill(BEGINNING);
  await setSeed(page, length);
  await button(page, 'Generate').click();
  await button(page, 'Continue').waitFor();
  return value(page);
}

playground('a seed gives the text that it gives in Node, on threads or not', async () => {
  const expected = await model.generate(BEGINNING, { maxTokens: 40, seed: SEED, heal: true });
  const plain: FileServer = await serveFiles(own.site);
  for (const [url, isolated] of [
    [own.server.url, true],
    [`${plain.url}/index.html`, false],
  ] as const) {
    await visit(
      async ({ page }) => {
        assert.is(await page.evaluate(() => globalThis.crossOriginIsolated), isolated);
        assert.is(await story(page, 40), BEGINNING + expected.text);
        assert.match(await page.locator('#summary').innerText(), /^40 tokens/);
        assert.match(await page.locator('#meter').innerText(), /of 512 tokens .* tokens\/s .* MiB/);
      },
      { url },
    );
  }
  await plain.close();
});

playground('continuing goes on as one longer generation would begin; regenerating and undoing go back', () =>
  visit(async ({ page }) => {
    const first = await story(page, 40);
    await button(page, 'Continue').click();
    await page.waitForFunction(
      (length) => document.querySelector('textarea')!.value.length > length,
      first.length,
    );
    await idle(page);
    const second = await value(page);
    assert.ok(second.startsWith(first));
    await button(page, 'Undo').click();
    assert.is(await value(page), first);
    await button(page, 'Regenerate').click();
    await idle(page);
    assert.is(await value(page), first, 'the seed was kept');
    await page.getByRole('checkbox', { name: 'Keep this seed' }).uncheck();
    await button(page, 'Regenerate').click();
    await idle(page);
    assert.is.not(await page.getByRole('spinbutton', { name: 'Seed' }).inputValue(), String(SEED));
    const third = await value(page);
    assert.ok(third.startsWith(BEGINNING));
    for (const before of [first, BEGINNING, '']) {
      await button(page, 'Undo').click();
      assert.is(await value(page), before);
    }
    assert.ok(await button(page, 'Undo').isDisabled());
    for (const after of [BEGINNING, first, third]) {
      await button(page, 'Redo').click();
      assert.is(await value(page), after);
    }
    assert.ok(await button(page, 'Redo').isDisabled());
  }),
);

for (const [name, pauseMs] of [
  ['fast', undefined],
  ['slow', 4],
] as const) {
  playground(
    `a ${name} server sends the model of the package once, and the page says how far it is`,
    async () => {
      const server = await serveFiles(own.site, { pauseMs });
      const file = '/models/stories/stories.gguf';
      const { size } = statSync(join(own.site, file));
      try {
        await visit(
          async ({ page, profile }) => {
            await profile.addInitScript(() => {
              const texts: string[] = [];
              Object.assign(globalThis, { texts });
              const look = () => texts.push(document.querySelector('#loading-text')?.textContent ?? '');
              new MutationObserver(look).observe(document, {
                subtree: true,
                childList: true,
                characterData: true,
              });
            });
            await ready(page);
            assert.is(server.requests.filter((line) => line === `GET ${file}`).length, 1);
            assert.is(server.sent.get(file), size);
            await page.reload();
            await ready(page);
            assert.is(server.sent.get(file), size, 'of a model that is kept nothing is sent');
            await page.evaluate(() => caches.delete('gpt2-wasm'));
            await page.reload();
            await ready(page);
            assert.is(server.sent.get(file), 2 * size);
            const texts = await page.evaluate('texts');
            const shown = new Set(
              (texts as string[]).filter((line) => line.startsWith('Downloading stories.gguf: ')),
            );
            assert.ok(shown.size > 3, [...shown].join('; '));
          },
          { url: `${server.url}/index.html`, serviceWorkers: 'allow' },
        );
      } finally {
        await server.close();
      }
    },
  );
}

playground('a generation can be stopped, and the text is then free', () =>
  visit(async ({ page }) => {
    let seed = 0;
    while (
      (await model.generate(BEGINNING, { maxTokens: 200, seed, heal: true })).finishReason !== 'eos' &&
      seed < 50
    )
      seed++;
    await ready(page);
    await text(page).fill(BEGINNING);
    await page.getByRole('spinbutton', { name: 'Length' }).fill('200');
    await page.getByRole('spinbutton', { name: 'Seed' }).fill(String(seed));
    await button(page, 'Generate').click();
    await page.locator('#summary', { hasText: 'The text ended after' }).waitFor();
    const ended = await value(page);

    // The model does not end the text a second time, and this length takes longer than a test can wait.
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('checkbox', { name: 'Continue when the context is full' }).check();
    await page.locator('#maxTokens').evaluate((input) => {
      (input as HTMLInputElement).max = '100000000';
    });
    await page.getByRole('spinbutton', { name: 'Length' }).fill('100000000');
    await page.locator('#maxTokens').blur();
    await button(page, 'Continue').click();
    await page.waitForFunction(
      (length) => document.querySelector('textarea')!.value.length > length + 40,
      ended.length,
    );
    assert.ok(await text(page).evaluate((area) => (area as HTMLTextAreaElement).readOnly));
    await button(page, 'Stop').click();
    await idle(page);
    assert.match(await page.locator('#summary').innerText(), /^Stopped after \d+ tokens/);
    await text(page).pressSequentially(' typed');
    assert.ok((await value(page)).endsWith(' typed'));
  }),
);

playground('a token shows its alternatives with their probabilities; one can be chosen', () =>
  visit(async ({ page }) => {
    const written = await story(page, 20);
    const { logprobs, usage } = await model.generate(BEGINNING, {
      maxTokens: 20,
      seed: SEED,
      logprobs: 8,
      heal: true,
    });
    const prompt = model.tokenizer.encode(BEGINNING).slice(0, usage.promptTokens);
    const at = 5;
    const { top, text: own } = logprobs![at]!;
    const before = model.tokenizer.decode([...prompt, ...logprobs!.slice(0, at).map(({ id }) => id)]);
    assert.ok(written.startsWith(before + own));
    await restOn(page, before.length + own.length - 1);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('listitem').first().waitFor();
    const shown = await dialog.getByRole('listitem').allInnerTexts();
    assert.is(shown.length, 8);
    top.forEach(({ text: alternative, logprob }, i) => {
      const [name, chance] = shown[i]!.split('\n');
      assert.is(name, alternative.replaceAll(' ', '\u00B7').replaceAll('\n', '\u21B5'));
      const share = Number(chance!.replace(/[<%]/g, ''));
      assert.ok(Math.abs(share - 100 * Math.exp(logprob)) <= 0.51, `${chance} for ${Math.exp(logprob)}`);
    });

    const other = top.findIndex(({ id, text: t }) => id !== logprobs![at]!.id && /^ ?[a-z]+$/i.test(t));
    await dialog.getByRole('listitem').nth(other).getByRole('button').click();
    await button(page, 'Continue').waitFor();
    await idle(page);
    const ids = [...prompt, ...logprobs!.slice(0, at).map(({ id }) => id), top[other]!.id];
    const expected = await model.generate(ids, { maxTokens: 20, seed: SEED });
    assert.is(await value(page), model.tokenizer.decode(ids) + expected.text);
    await button(page, 'Undo').click();
    assert.is(await value(page), written);
  }),
);

playground('typed tokens are judged too', () =>
  visit(async ({ page }) => {
    await ready(page);
    const typed = 'Once upon a dog';
    await text(page).fill(typed);
    const { tokens, logprobs } = await model.score(typed, { start: false });
    const levels = [0.5, 0.2, 0.05, 0.01];
    const last = tokens.length - 1;
    const level = levels.filter((least) => Math.exp(logprobs[last - 1]!) < least).length;
    assert.ok(level > 1, 'nobody expects a dog');
    await until(async () => (await coloured(page, level)).includes('dog'));
    const { logprobs: said } = await model.generate(tokens.slice(0, last), { maxTokens: 1, logprobs: 8 });
    await restOn(page, typed.length - 1);
    await page.getByRole('dialog').getByRole('listitem').first().waitFor();
    const [best] = await page.getByRole('dialog').getByRole('listitem').allInnerTexts();
    assert.ok(best!.startsWith(said![0]!.top[0]!.text.replaceAll(' ', '\u00B7')));
  }),
);

playground('the keyboard is enough', () =>
  visit(async ({ page }) => {
    await ready(page);
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the text');
    await page.keyboard.press('Enter');
    await page.keyboard.type(BEGINNING);
    assert.is(await value(page), BEGINNING);
    await page.keyboard.press('Control+Enter');
    await button(page, 'Continue').waitFor();
    const first = await value(page);
    assert.ok(first.length > BEGINNING.length);
    await page.keyboard.press('Alt+ArrowDown');
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.getByRole('dialog').getByRole('listitem').first().waitFor();
    await page.waitForFunction(() => document.activeElement?.closest('#alternatives li'));
    assert.match(await focused(), /^.+ (< )?[\d.]+ %$/);
    const before = await focused();
    await page.keyboard.press('ArrowDown');
    assert.is.not(await focused(), before);
    await page.keyboard.press('Escape');
    assert.ok(await page.getByRole('dialog').isHidden());
    assert.is(await page.evaluate(() => document.activeElement?.id), 'text');
    await page.keyboard.press('Control+z');
    assert.is(await value(page), BEGINNING);
  }),
);

playground('files of a checkpoint, dropped or chosen, are loaded; others are refused with advice', () =>
  visit(async ({ page }) => {
    await ready(page);
    await page.getByText('Another model').click();
    const names = ['config.json', 'vocab.json', 'merges.txt', 'model.safetensors'];
    await page.locator('#folder').setInputFiles(MODEL_FOLDER);
    await page.locator('#model-name b', { hasText: /^stories-tiny$/ }).waitFor();
    await page.locator('#model-name', { hasText: 'read from safetensors' }).waitFor();
    await ready(page);
    const file = await convertModel(storiesTiny, { weights: 'q8' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.bytes()) chunks.push(chunk.slice());
    await page.locator('#file').setInputFiles({
      name: 'tiny.gguf',
      mimeType: 'application/octet-stream',
      buffer: Buffer.concat(chunks),
    });
    await page.locator('#model-name b', { hasText: 'tiny.gguf' }).waitFor();
    await page.locator('#model-name', { hasText: 'read from GGUF' }).waitFor();

    const drop = async (files: readonly { name: string; bytes: string }[]) => {
      const transfer = await page.evaluateHandle((given) => {
        const data = new DataTransfer();
        for (const { name, bytes } of given) {
          data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
        }
        return data;
      }, files);
      await page.dispatchEvent('#text', 'drop', { dataTransfer: transfer });
    };
    await drop(
      names.map((name) => ({ name, bytes: readFileSync(join(MODEL_FOLDER, name)).toString('base64') })),
    );
    await page.locator('#model-name b', { hasText: 'model of 4 files' }).waitFor();
    assert.match(await story(page, 8), /^Once upon a time.+/);

    await drop([{ name: 'numbers.xlsx', bytes: btoa('no model') }]);
    const problem = page.getByRole('alert').filter({ hasText: 'numbers.xlsx' });
    await problem.waitFor();
    assert.match(await problem.innerText(), /A model is a \.gguf file, or a folder/);
    await problem.getByRole('button', { name: 'Close' }).click();
    assert.ok(await problem.isHidden());
    assert.ok(await page.locator('#model-name b', { hasText: 'model of 4 files' }).isVisible());
    assert.match(await value(page), /^Once upon a time.+/, 'the text stays');
    await button(page, 'Undo').click();
    assert.is(await value(page), BEGINNING, 'and so does its history');
    assert.match(await story(page, 8), /^Once upon a time.+/, 'the model still writes');
  }),
);

playground('a model is found in the folders of what is dropped or chosen, and in an archive', () =>
  visit(async ({ page }) => {
    const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-clone-'));
    const model = join(folder, 'clone', 'tiny');
    mkdirSync(join(folder, 'clone', '.git'), { recursive: true });
    mkdirSync(model);
    const names = ['config.json', 'vocab.json', 'merges.txt', 'model.safetensors'];
    for (const name of names) copyFileSync(join(MODEL_FOLDER, name), join(model, name));
    writeFileSync(join(folder, 'clone', 'README.md'), '# A model\n');
    writeFileSync(join(folder, 'clone', '.git', 'HEAD'), 'ref: refs/heads/main\n');
    const archive = zipSync(
      Object.fromEntries(names.map((name) => [`tiny/${name}`, readFileSync(join(model, name))])),
    );
    writeFileSync(join(folder, 'tiny.zip'), archive);
    const title = (name: string) =>
      page.locator('#model-name b').filter({ hasText: new RegExp(`^${name}$`) });
    try {
      await ready(page);
      await page.getByText('Another model').click();
      for (const [give, name] of [
        [() => dropFolder(page, join(folder, 'clone')), 'clone/tiny'],
        [() => page.locator('#folder').setInputFiles(join(folder, 'clone')), 'clone/tiny'],
        [() => dropFiles(page, [join(folder, 'tiny.zip')]), 'tiny'],
        [() => page.locator('#file').setInputFiles(join(folder, 'tiny.zip')), 'tiny'],
      ] as const) {
        await give();
        await title(name).waitFor();
        assert.is(await page.locator('#summary').innerText(), `${name} is ready.`);
        await button(page, 'stories, of the package').click();
        await title('stories').waitFor();
      }
      cpSync(model, join(folder, 'clone', 'other'), { recursive: true });
      await dropFolder(page, join(folder, 'clone'));
      const problem = page
        .getByRole('alert')
        .filter({ hasText: /several models: in clone\/(other|tiny), clone\// });
      await problem.waitFor();
      await problem.getByRole('button', { name: 'Close' }).click();
      assert.ok(await title('stories').isVisible(), 'the model stays');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }),
);

playground(
  'values are put right by their controls, and never refused under a name that is not on the page',
  () =>
    visit(async ({ page }) => {
      await ready(page);
      await text(page).fill(BEGINNING);
      await page.getByText('More', { exact: true }).click();
      for (const [name, typed, used] of [
        ['Length', '1.5', '2'],
        ['Length', '', '256'],
        ['Length', '99999', '512'],
        ['Temperature', '-3', '0'],
        ['Temperature', '', '0.8'],
        ['Top p', '', '0.95'],
        ['Top k', '2.7', '3'],
        ['Typical p', '0', '0.01'],
        ['No repeats of', '1.2', '1'],
        ['Seed', '-1', '0'],
        ['Seed', '3.4', '3'],
      ] as const) {
        await page.getByRole('spinbutton', { name: 'Length' }).fill('3');
        await field(page, name).fill(typed);
        await page.keyboard.press('Control+Enter');
        await until(async () => !(await button(page, 'Undo').isDisabled()));
        await button(page, 'Stop')
          .click({ timeout: 200 })
          .catch(() => {});
        await idle(page);
        assert.is(await field(page, name).inputValue(), used, `${name}: ${typed}`);
        assert.ok(await page.locator('#problem').isHidden());
      }
    }),
);

playground('a full context is said, and the way on', () =>
  visit(async ({ page }) => {
    await ready(page);
    await text(page).fill('word '.repeat(600));
    await button(page, 'Generate').click();
    const summary = page.locator('#summary');
    await summary.filter({ hasText: 'fills the context of 512 tokens' }).waitFor();
    assert.ok(await page.locator('#problem').isHidden(), 'nothing is wrong');
    await setSeed(page, 5);
    const before = await value(page);
    await summary.getByRole('button').click();
    await summary.filter({ hasText: /^(\d+ tokens?\.|The model ended)/ }).waitFor();
    assert.ok((await value(page)).startsWith(before));
    assert.ok(await page.locator('#shift').isChecked());
  }),
);

playground('a model of the hub is asked for by its id; a wrong id and a missing model are said', () =>
  visit(
    async ({ page, profile, strangers, errors }) => {
      await ready(page);
      await profile.route('https://huggingface.co/**', async (route) => {
        const { pathname } = new URL(route.request().url());
        const name = /^\/somebody\/tiny\/resolve\/main\/([a-z.]+)$/.exec(pathname)?.[1];
        const headers = { 'access-control-allow-origin': '*' };
        if (
          name !== undefined &&
          ['config.json', 'vocab.json', 'merges.txt', 'model.safetensors'].includes(name)
        )
          await route.fulfill({ path: join(MODEL_FOLDER, name), headers });
        else await route.fulfill({ status: 404, headers });
      });
      await page.getByText('Another model').click();
      const id = page.getByRole('textbox', { name: 'From the Hugging Face hub' });
      await id.fill('no id');
      await id.press('Enter');
      await page.getByText('An id is owner/name').waitFor();
      assert.equal(strangers, []);
      await id.fill('somebody/nothing');
      await id.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'Private and gated models' }).waitFor();
      await id.fill('somebody/tiny');
      await id.press('Enter');
      await page.locator('#model-name b', { hasText: 'somebody/tiny' }).waitFor();
      const kept = page.getByRole('list', { name: 'Downloaded models' });
      await kept.getByText('1.85 MiB').waitFor();
      await kept.getByRole('button', { name: 'Delete somebody/tiny' }).click();
      await page.waitForFunction(() => document.querySelectorAll('#kept li').length === 0);
      assert.ok(strangers.every((url) => url.startsWith('https://huggingface.co/somebody/')));
      strangers.length = 0;

      assert.equal(errors, []);
      const refused = await page.evaluate(() =>
        fetch('https://example.com/').then(
          () => false,
          () => true,
        ),
      );
      assert.ok(refused, 'the policy lets nothing else out');
      await until(() => errors.length > 0);
      for (const error of errors.splice(0)) assert.match(error, /Content Security Policy|Failed to fetch/);
      strangers.length = 0;
    },
    { serviceWorkers: 'allow' },
  ),
);

if (CHROMIUM !== undefined) playground.run();
