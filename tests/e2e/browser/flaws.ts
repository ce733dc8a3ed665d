import axe from 'axe-core';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const WINDOWS = [
  { width: 1366, height: 4000, colorScheme: 'light' },
  { width: 320, height: 6000, colorScheme: 'dark' },
] as const;

/** The highest window that Chromium lays out here in reasonable time; no view is as long. */
const HIGHEST = 48_000;

/** Fails if the page, in the named state, has flaws in a wide, bright window or in a narrow, dark one. */
export async function inspect(page: Page, state: string): Promise<void> {
  const before = page.viewportSize()!;
  for (const { width, height, colorScheme } of WINDOWS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.equal(await flawsAt(page, width, height), [], `${state}, ${width} wide, ${colorScheme}`);
  }
  await page.setViewportSize(before);
}

/** The flaws of the page in a window of this width, and of this height in pixels or more. */
export async function flawsAt(page: Page, width: number, height: number): Promise<string[]> {
  await showAll(page, width, height);
  return [...(await violations(page)), ...(await layoutFlaws(page))];
}

/**
 * Makes the window so high that all of the page is in sight: axe does not judge the colours of what is
 * scrolled away, and takes a button that a sticky bar covers in part for one that is too small.
 */
async function showAll(page: Page, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  if (await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight)) return;
  assert.ok(height < HIGHEST, `the page is higher than ${height} px at ${width} px`);
  await showAll(page, width, 2 * height);
}

/** The contrast of letters and the ground below them. */
export async function contrast(page: Page, ink: string, ground: string): Promise<number> {
  await loadAxe(page);
  return page.evaluate(
    (colours) => {
      const { Color, getContrast } = (globalThis as unknown as WithAxe).axe.commons.color;
      const [first, second] = colours.map((value) => {
        const colour = new Color();
        colour.parseString(value);
        return colour;
      });
      return getContrast(first!, second!);
    },
    [ground, ink],
  );
}

async function loadAxe(page: Page): Promise<void> {
  // Evaluated, since the policy of the page allows no script but its own.
  if (await page.evaluate('globalThis.axe === undefined')) await page.evaluate(axe.source);
}

/** The violations of WCAG 2.2 AA and of axe's best practices that axe finds. */
export async function violations(page: Page): Promise<string[]> {
  await loadAxe(page);
  return page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as WithAxe;
    const { Color, getContrast, flattenColors } = axe.commons.color;
    const colour = (value: string) => {
      const parsed = new Color();
      parsed.parseString(value);
      return parsed;
    };
    /** The colours behind the text of an element: also those of gradients, which axe does not judge. */
    const grounds = (element: Element | null): Colour[] => {
      if (element === null) return [colour('white')];
      const { backgroundColor, backgroundImage } = getComputedStyle(element);
      const all = [backgroundColor, ...(backgroundImage.match(/(?:rgba?|color)\([^()]*\)/g) ?? [])].map(
        colour,
      );
      if (all.every(({ alpha }) => alpha === 1)) return all;
      const behind = grounds(element.parentElement);
      return all.flatMap((each) => behind.map((ground) => flattenColors(each, ground)));
    };
    /** Letters in a diagram have a fill, and no ground but that of the page. */
    const isReadable = (element: Element) => {
      const { color, fill } = getComputedStyle(element);
      const ink = colour(element.matches('svg text') ? fill : color);
      return grounds(element).every((ground) => getContrast(ground, ink) >= 4.5);
    };
    axe.configure({ checks: [{ id: 'color-contrast', options: { ignoreLength: true } }] });
    // The mirror shows colours and no letters: they are those of the text area above it.
    const found = await axe.run({ exclude: ['#mirror'] }, { runOnly: tags });
    const unclear = found.incomplete
      .filter(({ id }) => id === 'color-contrast')
      .map(({ nodes, ...rest }) => ({
        ...rest,
        nodes: nodes.filter(({ target }) => !isReadable(document.querySelector(String(target[0]))!)),
      }));
    return [...found.violations, ...unclear].flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, TAGS);
}

/** Flaws that axe does not look for: text that is cut off, and sideways scrolling. */
export function layoutFlaws(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll('button')) {
      if (element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
        found.push(`"${element.textContent!.trim()}" is cut off`);
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`${scrollWidth} wide in a window of ${clientWidth}`);
    return found;
  });
}

type Colour = InstanceType<Commons['color']['Color']>;

interface WithAxe {
  readonly axe: typeof axe & { readonly commons: Commons };
}

/** Functions of axe that its types leave out. */
interface Commons {
  readonly color: {
    readonly Color: new () => { alpha: number; parseString(value: string): void };
    getContrast(ground: Colour, ink: Colour): number;
    flattenColors(above: Colour, below: Colour): Colour;
  };
}
