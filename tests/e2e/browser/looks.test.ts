import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { CHROMIUM } from './chromium.js';
import { contrast, inspect } from './flaws.js';
import { button, coloured, generate, Playground, pointOf, ready, summary, text } from './playground_page.js';

const BEGINNING = 'Once upon a time';

const looks = suite('looks');
let own: Playground;

looks.before(async () => {
  own = await Playground.start({ model: storiesTiny });
});
looks.after(() => own.close());

looks('the toolbar keeps its height while a person works, and the figures stand in one line', async () => {
  for (const width of [900, 920, 1120, 1366, 1440]) {
    await own.visit(
      async ({ page }) => {
        await ready(page);
        const heights = () =>
          page.evaluate(() =>
            ['.tools', '#foot', '#meter'].map(
              (name) => document.querySelector<HTMLElement>(name)!.offsetHeight,
            ),
          );
        await text(page).fill(BEGINNING);
        const before = await heights();
        await generate(page, 40);
        assert.match(await summary(page).innerText(), /^40 tokens/);
        assert.match(await page.locator('#meter').innerText(), /tokens\/s/);
        assert.equal(await heights(), before, `${width} wide`);
        const line = await page
          .locator('#meter')
          .evaluate((meter) => parseFloat(getComputedStyle(meter).lineHeight));
        assert.ok(before[2]! < 2 * line, `${width} wide: the figures take ${before[2]} px`);
        await text(page).fill('The end.');
        await generate(page, 40);
        assert.match(await summary(page).innerText(), /^The text ended/);
        assert.equal(await heights(), before, `${width} wide, after the end of a text`);
      },
      { viewport: { width, height: 768 } },
    );
  }
});

looks('little moves while the page loads', async () => {
  for (const viewport of [
    { width: 1366, height: 768 },
    { width: 390, height: 844 },
  ]) {
    await own.visit(
      async ({ page, profile }) => {
        await profile.addInitScript(() => {
          const moved = globalThis as unknown as { shift: number };
          moved.shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
              moved.shift += entry.value;
          }).observe({ type: 'layout-shift', buffered: true });
        });
        await page.reload();
        await ready(page);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
        const shift = await page.evaluate(() => (globalThis as unknown as { shift: number }).shift);
        assert.ok(shift < 0.1, `${shift} at ${viewport.width}`);
      },
      { viewport },
    );
  }
});

for (const forcedColors of ['none', 'active'] as const) {
  looks(`levels differ by a line and not by colour alone: forced colours ${forcedColors}`, () =>
    own.visit(
      async ({ page }) => {
        await ready(page);
        await text(page).fill('Once upon a dog');
        await until(async () => (await coloured(page, 4)).concat(await coloured(page, 3)).includes('dog'));
        const styles = await page.evaluate(() =>
          ['p1', 'p2', 'p3', 'p4'].map((name) => {
            const style = getComputedStyle(document.querySelector('#mirror')!, `::highlight(${name})`);
            return style.textDecorationLine === 'underline' ? style.textDecorationStyle : 'none';
          }),
        );
        assert.equal(styles, ['none', 'dotted', 'dashed', 'solid']);
        if (forcedColors === 'none') return;
        // The line is visible: without it the screenshot of the word differs.
        const { x, y } = await pointOf(page, 13);
        const clip = { x: x - 20, y: y - 20, width: 60, height: 40 };
        const [withLine, without] = [
          await page.screenshot({ clip }),
          await page
            .getByRole('checkbox', { name: /^Colour tokens/ })
            .uncheck()
            .then(() => page.screenshot({ clip })),
        ];
        assert.not(withLine!.equals(without!));
      },
      { forcedColors },
    ),
  );
}

looks('a paragraph has the direction of its letters', () =>
  own.visit(async ({ page }) => {
    await text(page).fill('\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD.');
    const { x: first } = await pointOf(page, 0);
    const { x: stop } = await pointOf(page, 9);
    assert.ok(stop < first, 'the full stop stands on the left');
    const middle = await text(page).evaluate((area) => {
      const { left, right } = area.getBoundingClientRect();
      return (left + right) / 2;
    });
    assert.ok(first > middle, 'the text begins on the right');
    for (const id of ['text', 'mirror', 'lesson-text']) {
      assert.is(await page.locator(`#${id}`).getAttribute('dir'), 'auto');
    }
  }),
);

looks('fingers find ranges and check boxes', () =>
  own.visit(
    async ({ page }) => {
      const low = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('input[type="range"], input[type="checkbox"], button')]
          .filter((element) => element.checkVisibility() && element.offsetHeight > 1)
          .map((element) => (element.closest('label') ?? element) as HTMLElement)
          .filter(({ offsetHeight }) => offsetHeight < 40)
          .map(({ outerHTML, offsetHeight }) => `${offsetHeight}: ${outerHTML.slice(0, 60)}`),
      );
      assert.equal(low, []);
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  ),
);

looks('the page has no flaws: while it loads, empty, and with everything open', () =>
  own.visit(async ({ page }) => {
    await inspect(page, 'loading');
    await ready(page);
    await inspect(page, 'empty');
    await text(page).fill(BEGINNING);
    await generate(page, 60);
    await page.getByText('Another model').click();
    await page.getByText('More', { exact: true }).click();
    await button(page, 'Alternatives').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('listitem').first().waitFor();
    await inspect(page, 'everything open');
  }),
);

looks('Appearance changes the colours, and letters are readable on those of all levels', () =>
  own.visit(async ({ page }) => {
    const grounds = new Set<string>();
    for (const appearance of ['light', 'dark']) {
      await page.getByRole('combobox', { name: 'Appearance' }).selectOption(appearance);
      const ink = await text(page).evaluate((area) => getComputedStyle(area).color);
      const levels = await page
        .locator('.scale i:not(.p0)')
        .evaluateAll((all) => all.map((level) => getComputedStyle(level).backgroundColor));
      assert.is(levels.length, 4);
      for (const level of levels) assert.ok((await contrast(page, ink, level)) >= 4.5, `${ink} on ${level}`);
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    assert.is(grounds.size, 2);
  }),
);

if (CHROMIUM !== undefined) looks.run();
