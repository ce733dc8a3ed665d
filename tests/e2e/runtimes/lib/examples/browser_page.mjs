import { launch } from '../browsers.mjs';
import { startServer, textOfNode } from './projects.mjs';

const PROMPT = 'Once upon a time';

/** Runs the page of a folder on a plain file server, in every browser of this machine. */
export async function testBrowserPage(report) {
  const wanted =
    PROMPT + (await textOfNode(undefined, { build: 'simd' }, PROMPT, { maxTokens: 100, seed: 7 }));
  const { url, stop } = await startServer('browser', 'serve.js');
  try {
    await inBrowsers(url, (name, got) => report('browser', name, { got, wanted }));
  } finally {
    await stop();
  }
}

/** The text that the page at `url` writes after its button is pressed. */
export async function inBrowsers(url, tell) {
  for (const name of ['Chromium', 'Firefox']) {
    const browser = await launch(name);
    if (browser === undefined) {
      console.error(`${name} is not on this machine`);
      continue;
    }
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.click('button');
      await page.waitForFunction(
        () => !/^(|writing|loading.*)$/.test(document.querySelector('[role=status]').textContent),
      );
      tell(name, await page.$eval('output', ({ textContent }) => textContent));
    } finally {
      await browser.close();
    }
  }
}
