import type { Page } from 'playwright-core';

/** A control as the walk names it in its complaints. */
type Name = string;

/**
 * Goes once through the page with Tab, or back with Shift and Tab. Gives what is wrong: controls that the key does not
 * reach or not in the order of the page, a focus that cannot be seen, or that lies below something else.
 */
export async function walk(page: Page, key: 'Tab' | 'Shift+Tab'): Promise<string[]> {
  const expected = await begin(page, key);
  const found: string[] = [];
  const reached: Name[] = [];
  // Regions that scroll may be stops in between.
  for (let presses = 0; presses < 2 * expected.length + 10; presses++) {
    const { name, isControl, flaws } = await page.evaluate(() => lookAtFocus());
    if (name === undefined || reached.includes(name)) break;
    if (isControl) reached.push(name);
    found.push(...flaws.map((flaw) => `${name}: ${flaw}`));
    // From the last one the key would lead to the bars of Firefox, from where no script gets the focus back.
    if (reached.length === expected.length) break;
    await page.keyboard.press(key);
  }
  if (reached.join() !== expected.join()) {
    const missing = expected.filter((name) => !reached.includes(name));
    found.push(`${key} does not reach ${missing.join(', ') || 'all in order'}: ${reached.join(', ')}`);
  }
  return found;
}

declare const lookAtFocus: () => Promise<{ name?: Name; isControl: boolean; flaws: string[] }>;

/** Gives the first control the focus, or the last for the way back. Gives the names of all in the order of the walk. */
async function begin(page: Page, key: string): Promise<Name[]> {
  const names = await page.evaluate((isForward) => {
    const selector = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex]';
    const controls = [...document.querySelectorAll<HTMLElement>(selector)].filter(
      (element) =>
        element.tabIndex >= 0 &&
        !element.matches(':disabled') &&
        element.checkVisibility({ visibilityProperty: true }),
    );
    const nameOf = (element: HTMLElement) =>
      `${controls.indexOf(element)} ${element.id || element.getAttribute('aria-label') || element.textContent!.trim().slice(0, 20)}`;

    const flawsOf = (element: HTMLElement): string[] => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const flaws: string[] = [];
      // The text of the page fills its sheet, and has a caret.
      if (element.id !== 'text' && (outlineStyle === 'none' || parseFloat(outlineWidth) < 2))
        flaws.push('its focus has no outline');
      const [x0, x1] = [Math.max(left, 0), Math.min(right, innerWidth)];
      const [y0, y1] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
      const above = [0.1, 0.5, 0.9].map((share) =>
        document.elementFromPoint(x0 + share * (x1 - x0), y0 + share * (y1 - y0)),
      );
      const isSeen = above.some(
        (at) => at !== null && (element.contains(at) || at.closest('label')?.contains(element)),
      );
      if (x1 <= x0 || y1 <= y0 || !isSeen) {
        const box = [left, top, right, bottom].map(Math.round);
        flaws.push(`its focus at ${box} cannot be seen: ${above[1]?.outerHTML.slice(0, 80)}`);
      }
      return flaws;
    };

    Object.assign(globalThis, {
      lookAtFocus: async () => {
        const element = document.activeElement as HTMLElement;
        if (element === document.body) return { isControl: false, flaws: [] };
        // Firefox scrolls to the text that it selects in a field some frames later, also if the focus has gone on.
        for (let frames = navigator.userAgent.includes('Firefox') ? 3 : 0; frames > 0; frames--)
          await new Promise(requestAnimationFrame);
        return { name: nameOf(element), isControl: controls.includes(element), flaws: flawsOf(element) };
      },
    });
    const names = controls.map(nameOf);
    controls.at(isForward ? 1 : -2)!.focus();
    return isForward ? names : names.reverse();
  }, key === 'Tab');
  // A focus that a script has set may be shown otherwise than that of the keys.
  await page.keyboard.press(key === 'Tab' ? 'Shift+Tab' : 'Tab');
  return names;
}
