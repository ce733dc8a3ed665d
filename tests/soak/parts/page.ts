// One visit of the playground in Chromium, which stays open while its views are used in turn, and other pages come and go.
import type { CDPSession, Page } from 'playwright-core';
import { WINDOWED_CHROMIUM } from '../../e2e/browser/chromium.js';
import {
  button,
  field,
  generate,
  idle,
  Playground,
  ready,
  text,
  type Visit,
  value,
} from '../../e2e/browser/playground_page.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { type Act, doOne, type Part, type Random } from '../part.js';
import { readPage } from '../readings/page.js';
import { WorkerHeaps } from '../readings/worker_heaps.js';

const BEGINNINGS = ['Once upon a time', 'A cat', 'The sea was', 'One day, Lily and her mother'];
const LESSON = 'A robot counts to ten. One, two, three, said the robot. '.repeat(30);
const SEEDS = [1, 2, 3];

/** Results of the same act the first time. */
class Answers {
  readonly #first = new Map<string, string>();

  same(what: string, answer: unknown): void {
    const given = JSON.stringify(answer);
    const first = this.#first.get(what) ?? given;
    this.#first.set(what, first);
    if (given !== first) throw new Error(`${what}: ${given}, before ${first}`);
  }
}

export async function start(): Promise<Part> {
  if (WINDOWED_CHROMIUM === undefined) throw new Error('there is no Chromium on this machine');
  const own = await Playground.start({ model: storiesTiny, executablePath: WINDOWED_CHROMIUM });
  let leave!: () => void;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let visited!: Promise<void>;
  const visit = await new Promise<Visit>((resolve, reject) => {
    visited = own.visit((opened) => {
      resolve(opened);
      return left;
    });
    visited.catch(reject);
  });
  const { page, profile, errors } = visit;
  await ready(page);
  const browser = await own.chromium.browser.newBrowserCDPSession();
  const session = await profile.newCDPSession(page);
  const workerHeaps = await WorkerHeaps.of(session);
  page.on('dialog', (dialog) => void dialog.accept());
  const answers = new Answers();
  const acts: readonly Act[] = [
    [4, 'writes', (random) => writes(page, answers, random)],
    [2, 'examines', ({ pick }) => examines(page, answers, pick(BEGINNINGS))],
    [2, 'looks inside', ({ pick }) => looksInside(page, answers, pick(BEGINNINGS))],
    [2, 'teaches', () => teaches(page, answers)],
    [1, 'another page', (random) => anotherPage(visit, own.server.url, answers, random)],
  ];
  return {
    lanes: 1,
    async act(random) {
      const name = await doOne(acts, random);
      if (errors.length > 0) throw new Error(`${name}: ${errors.splice(0).join('\n')}`);
      return name;
    },
    async read() {
      // Always the same contents of the views: others have other numbers of nodes.
      await examines(page, answers, BEGINNINGS[0]!);
      await looksInside(page, answers, BEGINNINGS[0]!);
      await button(page, 'Write').click();
      await text(page).fill('');
      return readPage(page, session, workerHeaps, browser);
    },
    seconds: () => secondsOf(browser),
    async end() {
      leave();
      await visited.finally(() => own.close());
    },
  };
}

/** Writes on, undoes and redoes. */
async function writes(page: Page, answers: Answers, { pick, below }: Random): Promise<void> {
  const [beginning, seed, length] = [pick(BEGINNINGS), pick(SEEDS), 5 + below(3) * 10];
  await button(page, 'Write').click();
  await text(page).fill(beginning);
  const written = await generate(page, length, seed);
  answers.same(`${beginning}, ${length} tokens of seed ${seed}`, written);
  await button(page, 'Undo').click();
  answers.same(`${beginning}, undone`, await value(page));
  await button(page, 'Redo').click();
  if ((await value(page)) !== written) throw new Error('redo gives another text');
}

async function examines(page: Page, answers: Answers, beginning: string): Promise<void> {
  const given = `${beginning} there was a little girl. She saw a big ball.`;
  await button(page, 'Examine').click();
  await text(page).fill(given);
  await button(page, 'Start').click();
  await page.locator('.outcome:visible', { hasText: 'Examined' }).waitFor();
  const coloured = page.locator('.coloured span');
  answers.same(`examined: ${given}`, [
    await coloured.allTextContents(),
    await coloured.evaluateAll((pieces) => pieces.map(({ className }) => className)),
  ]);
}

async function looksInside(page: Page, answers: Answers, given: string): Promise<void> {
  await button(page, 'Look inside').click();
  await text(page).fill('');
  await page.getByText('There is nothing before the caret.').waitFor();
  await text(page).fill(given);
  await page.locator('.bars li:visible').first().waitFor();
  await button(page, 'Greedy').click();
  await page.locator('#inside .outcome', { hasText: 'Likeliest' }).waitFor();
  answers.same(`likeliest after: ${given}`, await value(page));
}

/** A lesson of one step, whose model the browser stores, loads in place of the other, and deletes again. */
async function teaches(page: Page, answers: Answers): Promise<void> {
  await button(page, 'Teach').click();
  await text(page).fill(LESSON);
  await field(page, 'Steps').fill('1');
  await button(page, 'Start').click();
  await page.locator('#lesson-summary', { hasText: 'Learned in 1 step' }).waitFor();
  answers.same('loss', await page.locator('#lesson-loss').innerText());
  await button(page, 'New lesson').click();
  await button(page, 'Write').click();
  const others = page.getByText('Another model');
  await others.click();
  const title = page.locator('#model-name b');
  await button(page, 'stories, taught').click();
  await title.filter({ hasText: /^stories, taught$/ }).waitFor();
  await ready(page);
  await text(page).fill('The robot');
  answers.same('taught', await generate(page, 5, 1));
  await button(page, 'stories, of the package').click();
  await title.filter({ hasText: /^stories$/ }).waitFor();
  await ready(page);
  await button(page, 'Delete stories, taught').click();
  await page.waitForFunction(() => document.querySelectorAll('#taught li').length === 0);
  await others.click();
}

async function anotherPage(
  { profile }: Visit,
  url: string,
  answers: Answers,
  { pick }: Random,
): Promise<void> {
  const page = await profile.newPage();
  try {
    await page.goto(url);
    await ready(page);
    const [beginning, seed] = [pick(BEGINNINGS), pick(SEEDS)];
    await text(page).fill(beginning);
    answers.same(`${beginning}, 5 tokens of seed ${seed}`, await generate(page, 5, seed));
    await idle(page);
  } finally {
    await page.close();
  }
}

/** Of all of the browser's processes, as far as they run. */
async function secondsOf(browser: CDPSession): Promise<number> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
