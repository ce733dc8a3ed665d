import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Runtime } from '../../src/index.js';
import { CHROMIUM, Chromium } from './chromium.js';

interface Run {
  readonly runtime: Runtime;
  readonly tokens: readonly number[];
}

const threadTests = suite('threads in Chromium');
let chromium: Chromium;

threadTests.before(async () => {
  chromium = await Chromium.start();
});
threadTests.after(() => chromium.close());

const binariesOf = (requests: readonly string[]) => requests.filter((request) => request.endsWith('.wasm'));

threadTests('an isolated page computes on as many threads as asked for, and writes the same', async () => {
  const [two, three, one] = await chromium.run<Run[]>('threads', { counts: [2, 3, 1] }, { isolated: true });
  assert.is(one!.tokens.length, 40);
  for (const [run, count] of [
    [one, 1],
    [two, 2],
    [three, 3],
  ] as const) {
    assert.is(run!.runtime.threads, count, run!.runtime.threadsReason);
    assert.equal(run!.tokens, one!.tokens);
  }
});

threadTests('a page that is not isolated has one thread and says why', async () => {
  const [two] = await chromium.run<Run[]>('threads', { counts: [2] });
  assert.is(two!.runtime.threads, 1);
  assert.match(two!.runtime.threadsReason, /not cross-origin isolated/);
  assert.is(two!.tokens.length, 40);
});

threadTests('of the four binaries a page downloads the one that it runs, once', async () => {
  for (const [isolated, binary] of [
    [true, 'relaxed-threads'],
    [false, 'relaxed'],
  ] as const) {
    const { requests } = isolated ? chromium.isolated : chromium.plain;
    const before = requests.length;
    await chromium.run('threads', { counts: [2] }, { isolated });
    assert.equal(binariesOf(requests.slice(before)), [`GET /build/wasm/${binary}.wasm`]);
  }
});

if (CHROMIUM !== undefined) threadTests.run();
