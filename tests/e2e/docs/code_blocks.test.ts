import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeBlocks, PAGES } from './code_blocks.js';
import { runPage } from './run_page.js';
import { makeSharedFiles, startHub } from './workplace.js';

/** Pages that run at the same time. */
const LANES = 2;
/** Blocks of JavaScript that are shown but not run; a new one is a reason to look for a way to run it. */
const MOST_UNRUN = 4;

const test = suite('code of the documents');
let pages: string;
let shared: string;
let hub: Awaited<ReturnType<typeof startHub>>;
let results: ReadonlyMap<string, Promise<string | undefined>>;

test.before(async () => {
  hub = await startHub();
  shared = await makeSharedFiles();
  pages = mkdtempSync(join(tmpdir(), 'gpt2-wasm-pages-'));
  const waiting = [...PAGES];
  const settle = new Map<string, (failure: string | undefined) => void>();
  results = new Map(PAGES.map((page) => [page, new Promise((resolve) => settle.set(page, resolve))]));
  const lane = async () => {
    for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
      const place = { folder: join(pages, page.replaceAll('/', '-')), shared, hub: hub.endpoint };
      settle.get(page)!(await runPage(page, place).catch(String));
    }
  };
  for (let i = 0; i < LANES; i++) void lane();
});

test.after(async () => {
  await hub.stop();
  for (const folder of [shared, pages]) rmSync(folder, { recursive: true, force: true });
});

const blocks = PAGES.flatMap(codeBlocks);

test('a block is run, or says why it is not', () => {
  for (const { page, line, language, note } of blocks) {
    const isKnown = note === '' || /^no-run: \w/.test(note) || (language === 'js' && note === 'browser');
    assert.ok(isKnown, `${page}:${line}: the note of the block is ${JSON.stringify(note)}`);
  }
  const unrun = blocks.filter(({ language, note }) => language === 'js' && note.startsWith('no-run'));
  const places = unrun.map(({ page, line }) => `${page}:${line}`);
  assert.ok(places.length <= MOST_UNRUN, `not run: ${places.join(', ')}`);
});

for (const page of PAGES) {
  const run = blocks.filter((block) => block.page === page && ['js', 'sh'].includes(block.language));
  if (!run.some(({ note }) => note === '')) continue;
  test(`the code of ${page} runs`, async () => {
    assert.is(await results.get(page), undefined);
  });
}

test.run();
