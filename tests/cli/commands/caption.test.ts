import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Caption } from '../../../src/vision/caption.js';
import { type Cue, embeddedCaptioner, loadCaptioner, webVtt } from '../../../src/vision.js';
import { captionerFolder, picture, withIdTokenizer } from '../../support/captioners.js';
import { writeFiles } from '../../support/in_folder.js';
import { writePng } from '../../support/png_writer.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-caption-'));
const at = (path: string) => join(folder, path);
const NAMES = ['frame-2.png', 'frame-10.jpg', 'frame-9.png'];
const IMAGES = [picture('wide.png'), picture('rotated.jpg'), picture('gray-tall.png')];
writeFiles(at('model'), withIdTokenizer('deit-gpt2'));
writeFiles(at('images'), {
  ...Object.fromEntries(NAMES.map((name, i) => [name, IMAGES[i]!])),
  ...{ 'notes.txt': 'no image' },
});
const captioner = await loadCaptioner(withIdTokenizer('deit-gpt2'), { build: 'simd' });
test.after(() => {
  captioner.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const FLAGS = ['caption', '--model', at('model'), '--build', 'simd', '--max-tokens', '8'];
const OPTIONS = { maxTokens: 8 };

test('an image on stdin is described in a line, and nothing else is printed', async () => {
  const { text } = await captioner.caption(IMAGES[0]!, OPTIONS);
  const { code, stdout, stderr } = await run([...FLAGS, '--quiet', '-'], IMAGES[0]);
  assert.equal([code, stdout, stderr], [0, `${text}\n`, '']);
});

test('without a model the one of the package describes drawings, and a note says what it knows', async () => {
  const { draw } = await import(new URL('../../../examples/captions/draw.js', import.meta.url).href);
  const stars = { count: 3, size: 'small', colour: 'green', shape: 'star', place: 6 };
  const { width, height, data } = draw({ groups: [stars], seed: 1 });
  const png = writePng({ width, height, depth: 8, kind: 2, samples: Array.from<number>(data) });
  const { code, stdout, stderr } = await run(['caption', '-'], png);
  assert.equal([code, stdout], [0, 'three green stars at the bottom left\n']);
  assert.match(
    stderr,
    /^captioning with the model of the package, which knows drawings of circles.*--model \S+\n$/,
  );
  const embedded = await loadCaptioner(embeddedCaptioner);
  const { text } = await embedded.caption(png);
  embedded.dispose();
  assert.is(text.trim(), stdout.trim());
});

test('the images of a folder come in the order of their numbers, as lines and as JSON', async () => {
  const order = [0, 2, 1];
  const names = order.map((i) => join(at('images'), NAMES[i]!));
  const beams = { ...OPTIONS, beams: 3, returned: 2 };
  const captions = await captioner.caption(
    order.map((i) => IMAGES[i]!),
    beams,
  );
  const flags = [...FLAGS, '--beams', '3', '--returned', '2', at('images')];
  const lines = await run(flags);
  assert.is(lines.code, 0, lines.stderr);
  const rows = captions.flatMap(({ choices }, i) => choices.map(({ text }) => `${names[i]}\t${text}\n`));
  assert.is(lines.stdout, rows.join(''));
  const json = await run([...flags, '--json']);
  const results = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    results.map(({ image, tokens, score, choices }) => [image, tokens, score, choices.length]),
    captions.map(({ tokens, score }: Caption, i) => [names[i], tokens, score, 2]),
  );
});

test('images as frames become a WebVTT file, which is not overwritten', async () => {
  const frames = [0, 2, 1].map((i, k) => ({ time: k / 2, duration: 0.5, image: IMAGES[i]! }));
  const cues: Cue[] = [];
  for await (const cue of captioner.captionFrames(frames, { ...OPTIONS, change: 0.01 })) cues.push(cue);
  const flags = [
    ...FLAGS,
    '--quiet',
    '--vtt',
    at('clip.vtt'),
    '--rate',
    '2',
    '--change',
    '0.01',
    at('images'),
  ];
  const { code, stdout, stderr } = await run(flags);
  assert.is(code, 0, stderr);
  assert.is(readFileSync(at('clip.vtt'), 'utf8'), webVtt(cues));
  assert.is(
    stdout,
    cues.map(({ start, end, text }) => `${start.toFixed(3)}\t${end.toFixed(3)}\t${text}\n`).join(''),
  );
  const again = await run(flags);
  assert.is(again.code, 2);
  assert.match(again.stderr, /clip\.vtt exists already; --force overwrites it/);
});

test('what cannot be done is said in the terms of the command line', async () => {
  const cases: [args: string[], code: number, message: RegExp][] = [
    [[...FLAGS, '--rate', '2', at('images')], 2, /--rate needs --vtt/],
    [[...FLAGS, at('images/notes.txt')], 1, /notes\.txt: /],
    [[...FLAGS, at('model')], 1, /has no images/],
    [['caption', '--model', captionerFolder('vit-gpt2'), at('images')], 1, /tokenizer/],
  ];
  const outcomes = await Promise.all(cases.map(([args]) => run(args)));
  for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
    const [args, right, message] = cases[i]!;
    assert.is(code, right, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
    assert.is(stdout, '');
  }
});

test.run();
