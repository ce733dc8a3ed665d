import type { Page } from 'playwright-core';
import { layoutFlaws } from './flaws.js';

/** Turns the page from right to left, and back. Gives the boxes that are not at their mirror image, and flaws of the layout. */
export async function mirrored(page: Page): Promise<string[]> {
  const turn = (direction: string) =>
    page.evaluate((dir) => {
      document.documentElement.dir = dir;
      // Words within a line keep the order of their language, and drawings theirs.
      const boxes = [...document.querySelectorAll('body :not(svg *, option, .skip)')].filter(
        (element) => element.checkVisibility() && getComputedStyle(element).display !== 'inline',
      );
      return boxes.map((element) => {
        const { left, right, top } = element.getBoundingClientRect();
        return { html: element.outerHTML.slice(0, 80), left, right, top };
      });
    }, direction);
  const { width } = page.viewportSize()!;
  const before = await turn('ltr');
  const after = await turn('rtl');
  const flaws = await layoutFlaws(page);
  await turn('ltr');
  const moved = after.filter(({ left, right, top }, i) => {
    const box = before[i]!;
    return [width - right - box.left, width - left - box.right, top - box.top].some((d) => Math.abs(d) > 1);
  });
  return [...flaws, ...moved.map(({ html }) => html)];
}
