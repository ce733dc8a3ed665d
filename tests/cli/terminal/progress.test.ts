import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reportProgress } from '../../../src/cli/terminal/progress/file_progress.js';

const TOTAL = 1000;

/** A stream that records what is written, and a clock that the test sets. */
function fake(isTTY: boolean) {
  let written = '';
  let time = 0;
  const stream = {
    isTTY,
    columns: 80,
    write(text: string | Uint8Array) {
      written += text;
      return true;
    },
  };
  const report = reportProgress(stream, 'loading', { now: () => time });
  return {
    report,
    update(ms: number, loaded: number, file = 'model.safetensors') {
      time = ms;
      report.update({ loaded, total: TOTAL, file });
    },
    written: () => written,
  };
}

test('without a terminal a short load is silent', () => {
  const { report, update, written } = fake(false);
  for (let loaded = 100; loaded <= TOTAL; loaded += 100) update(loaded, loaded);
  report.end();
  assert.is(written(), '');
});

test('without a terminal a long load gives a line every two seconds', () => {
  const { report, update, written } = fake(false);
  for (let ms = 500; ms <= 5000; ms += 500) update(ms, ms / 5, ms > 3000 ? 'b.safetensors' : 'a.safetensors');
  report.end();
  assert.is(written(), 'loading a.safetensors 40 %\nloading b.safetensors 80 %\n');
});

test('on a terminal a load that is soon over shows no bar', () => {
  const { report, update, written } = fake(true);
  update(100, 500);
  update(200, TOTAL);
  report.end();
  assert.is(written(), '');
});

test('on a terminal a longer load shows a bar, which is taken away at the end', () => {
  const { report, update, written } = fake(true);
  update(100, 100);
  update(400, 250);
  assert.match(written(), 'loading model.safetensors [');
  assert.match(written(), '] 25 %');
  update(800, 500);
  report.end();
  assert.match(written(), '] 50 %');
  const clearLine = '\x1b[2K';
  assert.ok(written().endsWith(clearLine));
});

test('a failed load can end before anything was read', () => {
  const { report, written } = fake(true);
  report.end();
  assert.is(written(), '');
});

test.run();
