import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as examine from '../../../src/examine.js';
import { embeddedModel, type LoadModelOptions, loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { type Story, tellStory } from '../runtimes/story/story.mjs';
import { CHROMIUM, Chromium } from './chromium.js';

/** Features of each kind; npm run matrix runs all of them. */
const input = { seed: 2019, only: ['writing', 'sessions', 'formats', 'compression', 'inside'] };
/** Features for pages that are not isolated: only their number of threads differs. */
const FEW = { ...input, only: ['writing'] };

const browserTests = suite('browser');
let chromium: Chromium;
const expected: Story[] = [];

browserTests.before(async () => {
  chromium = await Chromium.start();
  for (const source of [embeddedModel, storiesTiny]) {
    const load = (options: LoadModelOptions) => loadModel(source, { build: 'simd', ...options });
    expected.push(await tellStory({ load, examine }, input));
    assert.equal(Object.keys(expected.at(-1)!.digests), input.only);
  }
});
browserTests.after(() => chromium.close());

for (const isolated of [false, true]) {
  for (const [where, page, argument] of [
    ['page', 'story', {}],
    ["page's worker", 'worker_story', {}],
    ['worker of its own making', 'worker_story', { script: '/build/web/model_worker.js' }],
    ['page on two threads', 'story', { threads: 2 }],
    ["page's worker on two threads", 'worker_story', { threads: 2 }],
    ['page from chosen files', 'files', { inWorker: false }],
    ["page's worker from chosen files", 'files', { inWorker: true }],
  ] as const) {
    browserTests(`simd, ${where}, ${isolated ? '' : 'not '}isolated: the same bits as in Node`, async () => {
      const story = await chromium.run<Story & { isolated: boolean }>(
        page,
        { build: 'simd', input: isolated ? input : FEW, ...argument },
        { isolated },
      );
      assert.is(story.isolated, isolated);
      assert.is(story.build, 'simd');
      assert.is(story.threads, 'threads' in argument && isolated ? 2 : 1);
      const { digests } = expected[page === 'files' ? 1 : 0]!;
      assert.equal(story.digests, isolated ? digests : { writing: digests.writing });
    });
  }
}

browserTests('Chromium runs the relaxed build where none is asked for', async () => {
  const { build } = await chromium.run<Story>('story', { input: FEW });
  assert.is(build, 'relaxed');
});

if (CHROMIUM !== undefined) browserTests.run();
