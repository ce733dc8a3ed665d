import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as codec from '../../../src/examine.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { type Story, tellStory } from '../runtimes/story.mjs';
import { CHROMIUM, Chromium } from './chromium.js';

const browserTests = suite('browser');
let chromium: Chromium;
const expected: Story[] = [];

browserTests.before(async () => {
  chromium = await Chromium.start();
  for (const source of [embeddedModel, storiesTiny]) {
    const model = await loadModel(source, { build: 'simd' });
    expected.push(await tellStory(model, codec));
    model.dispose();
    assert.is(expected.at(-1)!.tokens.length, 64);
    assert.is(expected.at(-1)!.forms.length, 4);
    assert.ok(expected.at(-1)!.compressed.length > 80);
    assert.is(expected.at(-1)!.traced.length, 64);
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
        { build: 'simd', ...argument },
        { isolated },
      );
      assert.is(story.isolated, isolated);
      assert.is(story.build, 'simd');
      assert.is(story.threads, 'threads' in argument && isolated ? 2 : 1);
      const { text, tokens, hash, forms, compressed, traced } = expected[page === 'files' ? 1 : 0]!;
      assert.is(story.text, text);
      assert.equal(story.tokens, tokens);
      assert.is(story.hash, hash);
      assert.equal(story.forms, forms);
      assert.is(story.compressed, compressed);
      assert.is(story.traced, traced);
    });
  }
}

browserTests('Chromium runs the relaxed build where none is asked for', async () => {
  const { build, tokens } = await chromium.run<Story>('story');
  assert.is(build, 'relaxed');
  assert.is(tokens.length, 64);
});

if (CHROMIUM !== undefined) browserTests.run();
