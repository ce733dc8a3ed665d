import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { webVtt } from '../../../src/vision/frames/web_vtt.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

test('cues have times in milliseconds and text without markup', () => {
  const cues = [
    { start: 0, end: 1.5, text: 'a dog & a <b>cat</b>' },
    { start: 1.5, end: 3723.4567, text: ' two\n\nlines --> one ' },
    { start: 3723.5, end: 3724, text: ' ' },
    { start: 359_999.9999, end: 359_999.99995, text: 'late' },
  ];
  assert.is(
    webVtt(cues),
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na dog &amp; a &lt;b&gt;cat&lt;/b&gt;\n' +
      '\n00:00:01.500 --> 01:02:03.457\ntwo lines --&gt; one\n' +
      '\n100:00:00.000 --> 100:00:00.001\nlate\n',
  );
  assert.is(webVtt([]), 'WEBVTT\n');
});

/** A reader of WebVTT that knows blocks, times and three character references. */
function read(file: string) {
  const [head, ...blocks] = file.replace(/\n$/, '').split('\n\n');
  assert.is(head, 'WEBVTT');
  const seconds = (time: string) => {
    const [hours, minutes, rest] = time.split(':').map(Number) as [number, number, number];
    return 3600 * hours + 60 * minutes + rest;
  };
  return blocks.map((block) => {
    const [times, text, ...others] = block.split('\n');
    assert.is(others.length, 0);
    const [, start, end] = /^(\d{2,}:\d\d:\d\d\.\d{3}) --> (\d{2,}:\d\d:\d\d\.\d{3})$/.exec(times!)!;
    const plain = text!.replace('-->', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    return { start: seconds(start!), end: seconds(end!), text: plain.replaceAll('&amp;', '&') };
  });
}

test('a reader gets the cues back, whatever their text', async () => {
  const cue = fc
    .record({
      start: fc.double({ min: 0, max: 99_999, noNaN: true }),
      seconds: fc.double({ min: 0.002, max: 99, noNaN: true }),
      text: fc.string({ unit: fc.constantFrom('a', ' ', '<', '>', '&', '-', '\n', '\r', 'é', '\u2028') }),
    })
    .map(({ start, seconds, text }) => ({ start, end: start + seconds, text }));
  await holds(
    'WebVTT is read back',
    fc.array(cue),
    async (cues) => {
      const written = cues.filter(({ text }) => text.trim() !== '');
      const found = read(webVtt(cues));
      assert.is(found.length, written.length);
      for (const [i, { start, end, text }] of written.entries()) {
        assert.ok(Math.abs(found[i]!.start - start) < 0.001 && Math.abs(found[i]!.end - end) < 0.001);
        assert.ok(found[i]!.end > found[i]!.start);
        assert.is(found[i]!.text, text.trim().replace(/\s+/g, ' '));
      }
    },
    300,
  );
});

test('times that are none are refused', async () => {
  const cue = { start: 0, end: 1, text: 'x' };
  await thrown(() => webVtt([{ ...cue, start: -1 }]), 'invalid-option', 'cues[0].start');
  await thrown(() => webVtt([cue, { ...cue, end: 0 }]), 'invalid-option', 'cues[1].end');
  await thrown(() => webVtt([{ ...cue, end: Number.NaN }]), 'invalid-option', 'cues[0].end');
  await thrown(() => webVtt([{ ...cue, text: 3 as never }]), 'invalid-option', 'cues[0].text');
  await thrown(() => webVtt('cues' as never), 'invalid-option', 'cues');
});

test.run();
