import { type Browser, type BrowserContextOptions, chromium, firefox } from 'playwright-core';
import { FIREFOX, WINDOWED_CHROMIUM } from '../browser/chromium.js';
import type { Setting } from './settings.js';

export interface TestedBrowser {
  readonly name: string;
  /** Path of the program; `undefined` if it is not on this machine. */
  readonly path: string | undefined;
  launch(setting: Setting): Promise<Browser>;
  /** Settings of a page; others are settings of the browser. */
  pageOptions(setting: Setting): BrowserContextOptions;
}

const inChromium: TestedBrowser = {
  name: 'Chromium',
  path: WINDOWED_CHROMIUM,
  launch: ({ textSize }) =>
    chromium.launch({
      executablePath: WINDOWED_CHROMIUM!,
      args: textSize === undefined ? [] : [`--blink-settings=defaultFontSize=${textSize}`],
    }),
  pageOptions: ({ isDark, hasForcedColours }) => ({
    colorScheme: isDark ? 'dark' : 'light',
    forcedColors: hasForcedColours ? 'active' : 'none',
    reducedMotion: 'reduce',
  }),
};

/** The Firefox of the system by WebDriver BiDi: playwright sets its preferences, but emulates no media. */
const inFirefox: TestedBrowser = {
  name: 'Firefox',
  path: FIREFOX,
  launch: ({ isDark, hasForcedColours, textSize }) =>
    firefox.launch({
      channel: 'moz-firefox',
      executablePath: FIREFOX!,
      firefoxUserPrefs: {
        'ui.prefersReducedMotion': 1,
        'ui.systemUsesDarkTheme': isDark ? 1 : 0,
        ...(hasForcedColours && { 'browser.display.document_color_use': 2 }),
        ...(textSize !== undefined && { 'font.size.variable.x-western': textSize }),
      },
    }),
  pageOptions: () => ({}),
};

export const BROWSERS: readonly TestedBrowser[] = [inChromium, inFirefox];
