import { execFileSync } from 'node:child_process';
import { launch } from '../browsers.mjs';
import { projectFolder, startServer } from './projects.mjs';

/** Plays the first idea of a game in the terminal and in the page, in every browser of this machine. */
export async function testAdventure(report) {
  const wanted = inTerminal();
  const { url, stop } = await startServer('adventure', 'serve.js');
  try {
    for (const name of ['Chromium', 'Firefox']) {
      const browser = await launch(name);
      if (browser === undefined) console.error(`${name} is not on this machine`);
      else report('adventure', name, { got: await inPage(browser, url), wanted });
    }
  } finally {
    await stop();
  }
}

const words = (text) => text.split(/\s+/).filter(Boolean).join(' ');

function inTerminal() {
  const options = { cwd: projectFolder('adventure'), input: '1\n', encoding: 'utf8' };
  const shown = execFileSync(process.execPath, ['main.js', '--seed', '4'], options);
  const paragraphs = shown.match(/^(Once upon|\w+ decided to).*(\n.+)*/gm);
  return words(paragraphs.join(' '));
}

async function inPage(browser, url) {
  try {
    const page = await browser.newPage();
    await page.goto(`${url}?seed=4`);
    await page.waitForSelector('#turn:not([hidden])');
    await page.click('#actions button');
    await page.waitForSelector('#story p:nth-child(2)');
    return words(
      await page.$$eval('#story p', (story) => story.map(({ textContent }) => textContent).join(' ')),
    );
  } finally {
    await browser.close();
  }
}
