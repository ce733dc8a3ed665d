import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from './chromium.js';
import { walk } from './keyboard_walk.js';
import { mirrored } from './mirrored.js';
import { drop, generate, Playground, ready, text } from './playground_page.js';
import { throughViews } from './views.js';

const access = suite('access');
let own: Playground;

access.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
access.after(() => own.close());

const WIDE = { width: 1366, height: 768 };

access('keys reach every control and the focus is seen; from right to left, a view is its mirror image', () =>
  own.visit(
    ({ page }) =>
      throughViews(page, async (view) => {
        assert.equal(await walk(page, 'Tab'), [], view);
        await page.setViewportSize({ width: 320, height: 640 });
        for (const key of ['Shift+Tab', 'Tab'] as const)
          assert.equal(await walk(page, key), [], `${view}, narrow, ${key}`);
        await page.setViewportSize({ width: 1366, height: 4000 });
        assert.equal(await mirrored(page), [], `${view}, from right to left`);
        await page.setViewportSize(WIDE);
      }),
    { viewport: WIDE, reducedMotion: 'reduce' },
  ),
);

access('a notice that is closed gives the focus back', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    const focused = () => page.evaluate(() => document.activeElement!.id);
    for (const id of ['text', 'maxTokens']) {
      await page.locator(`#${id}`).focus();
      await drop(page, { name: 'numbers.xlsx', bytes: Buffer.from('no model') });
      const problem = page.getByRole('alert').filter({ hasText: 'numbers.xlsx' });
      await problem.getByRole('button', { name: 'Close' }).focus();
      await page.keyboard.press('Enter');
      assert.is(await focused(), id);
    }
  }),
);

access('live regions say what happens, and not each token', () =>
  own.visit(async ({ page }) => {
    await ready(page);
    await page.evaluate(() => {
      const counts = { changes: 0 };
      Object.assign(globalThis, { counts });
      const observer = new MutationObserver(() => {
        counts.changes++;
      });
      for (const region of document.querySelectorAll(
        '[role="status"], [role="log"], [role="alert"], [aria-live]',
      ))
        observer.observe(region, { childList: true, characterData: true, subtree: true });
    });
    await text(page).fill('Once upon a time');
    const written = (await generate(page, 100)).slice('Once upon a time'.length);
    const sentences = written.split(/[.!?]/).length;
    const changes = await page.evaluate(
      () => (globalThis as unknown as { counts: { changes: number } }).counts.changes,
    );
    assert.ok(changes > 1 && changes <= sentences + 6, `${changes} changes for ${sentences} sentences`);
  }),
);

if (CHROMIUM !== undefined) access.run();
