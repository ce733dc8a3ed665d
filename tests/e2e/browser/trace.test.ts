import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CHROMIUM, Chromium } from './chromium.js';

const traces = suite('traces in Chromium');
let chromium: Chromium;

traces.before(async () => {
  chromium = await Chromium.start();
});
traces.after(() => chromium.close());

for (const [isolated, threads] of [
  [false, 1],
  [true, 2],
] as const) {
  traces(`a page traces and edits a model on ${threads} threads with the bits of the model`, async () => {
    const { requests } = isolated ? chromium.isolated : chromium.plain;
    const found = await chromium.run<{
      readonly count: number;
      readonly changed: readonly number[];
      readonly tokens: readonly number[];
      readonly written: readonly number[];
    }>('trace', { threads }, { isolated });
    assert.is(found.count, threads);
    assert.equal(found.changed, [0, 0]);
    assert.equal(found.tokens, found.written);
    const binary = `trace-relaxed${isolated ? '-threads' : ''}.wasm`;
    assert.is(requests.filter((request) => request === `GET /build/wasm/${binary}`).length, 1);
  });
}

if (CHROMIUM !== undefined) traces.run();
