// npm run browsers [-- WORD ...]: checks with axe, keys and layouts that people can use each view of the playground, in the
// Chromium and the Firefox of this machine, as it is and with settings that people need. Words select settings.
import { storiesTiny } from '../../support/stories_tiny.js';
import { CHROMIUM } from '../browser/chromium.js';
import { Playground } from '../browser/playground_page.js';
import { CHECKS, checkPage, type Found } from './checks.js';
import { SETTINGS, type Setting } from './settings.js';
import { BROWSERS, type TestedBrowser } from './tested_browsers.js';

const words = process.argv.slice(2);
const settings = SETTINGS.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (settings.length === 0) {
  console.error(`no setting has one of the words ${words.join(', ')} in its name:`);
  console.error(SETTINGS.map(({ name }) => name).join('\n'));
  process.exit(2);
}
const missing = BROWSERS.filter(({ path }) => path === undefined);
for (const { name } of missing)
  console.error(
    `${name} is not on this machine: install it, or give its path in the variable ${name.toUpperCase()}`,
  );
// The playground's pages are served beside a Chromium.
if (CHROMIUM === undefined) process.exit(1);

const playground = await Playground.start({ model: storiesTiny });
const present = BROWSERS.filter(({ path }) => path !== undefined);
/** The results of each browser, in the order of `settings`. */
const results = await Promise.all(present.map(runAll));
await playground.close();

console.log(`| setting | check | ${present.map(({ name }) => name).join(' | ')} |`);
console.log(`|---|---|${'---|'.repeat(present.length)}`);
const failures: string[] = [];
for (const [i, { name }] of settings.entries()) {
  for (const check of CHECKS) {
    const flaws = results.map((found) => found[i]![check]);
    console.log(`| ${name} | ${check} | ${flaws.map(({ length }) => length || 'no flaws').join(' | ')} |`);
    for (const [b, list] of flaws.entries())
      failures.push(...list.map((flaw) => `${present[b]!.name}, ${name}, ${check}: ${flaw}`));
  }
}
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 || missing.length > 0 ? 1 : 0);

/** One setting after the other. */
async function runAll(browser: TestedBrowser): Promise<Found[]> {
  const found: Found[] = [];
  for (const setting of settings) found.push(await runOne(browser, setting));
  return found;
}

async function runOne(tested: TestedBrowser, setting: Setting): Promise<Found> {
  const browser = await tested.launch(setting);
  console.error(`${tested.name} ${browser.version()}, ${setting.name} ...`);
  try {
    const { viewport } = setting;
    let found: Found | undefined;
    const options = { browser, viewport, ...tested.pageOptions(setting) };
    await playground.visit(async ({ page }) => {
      found = await checkPage(page, setting);
    }, options);
    return found!;
  } finally {
    await browser.close();
  }
}
