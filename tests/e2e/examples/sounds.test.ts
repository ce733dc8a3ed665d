import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holds } from '../../support/property.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-sounds-'));
cpSync(join(ROOT, 'examples/sounds'), folder, {
  recursive: true,
  filter: (path) => !path.includes('node_modules'),
});
mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules/gpt2-wasm'), 'junction');
test.after(() => rmSync(folder, { recursive: true, force: true }));

const ours = (name: string) => import(pathToFileURL(join(folder, name)).href);
const { log2, randomNumbers, sine } = await ours('arithmetic.js');
const { COUNTS, isHeldOut, KINDS, PITCHES, randomScene } = await ours('world.js');
const { captionOf, parseCaption } = await ours('grammar.js');
const { countFacts, FACTS } = await ours('facts.js');
const { LENGTH, RATE, synthesize } = await ours('sound.js');
const { BANDS, FRAMES, spectrogram, transform } = await ours('spectrogram.js');
const { readWav, writeWav } = await ours('wav.js');

interface Group {
  readonly kind: string;
  readonly pitch: string | undefined;
  readonly count: number;
  readonly loudness: string;
}
interface Scene {
  readonly groups: readonly Group[];
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const scenes = fc
  .record({ seed: seeds, heldOut: fc.boolean() })
  .map(({ seed, heldOut }): Scene => randomScene(randomNumbers(seed), heldOut));
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
const kinds = Object.keys(KINDS);

test('sine and log2 are exact to 1e-9', () =>
  holds(
    'arithmetic',
    fc.record({
      turns: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      exponent: fc.double({ min: -60, max: 60, noNaN: true }),
    }),
    async ({ turns, exponent }) => {
      assert.ok(
        Math.abs(sine(turns) - Math.sin(2 * Math.PI * (turns - Math.round(turns)))) < 1e-9,
        `${turns}`,
      );
      assert.ok(Math.abs(log2(2 ** exponent) - exponent) < 1e-9, `${exponent}`);
    },
    500,
  ));

test('the transform is that of Fourier', () => {
  const random = randomNumbers(5);
  const real = Float64Array.from({ length: 256 }, () => random.between(-1, 1));
  const imaginary = Float64Array.from({ length: 256 }, () => random.between(-1, 1));
  const [a, b] = [real.slice(), imaginary.slice()];
  transform(a, b);
  for (let k = 0; k < 256; k++) {
    let [re, im] = [0, 0];
    for (let i = 0; i < 256; i++) {
      const [cosine, minus] = [Math.cos((2 * Math.PI * i * k) / 256), -Math.sin((2 * Math.PI * i * k) / 256)];
      re += real[i]! * cosine - imaginary[i]! * minus;
      im += real[i]! * minus + imaginary[i]! * cosine;
    }
    assert.ok(Math.hypot(a[k]! - re, b[k]! - im) < 1e-7, `frequency ${k}`);
  }
});

test('a caption says the facts of its recording, and all of them', () =>
  holds(
    'captions',
    scenes,
    async (scene) => {
      const text = captionOf(scene);
      assert.equal(parseCaption(text), scene.groups);
      const { right, all } = countFacts(text, scene);
      assert.equal(right, all);
      assert.is(
        sum(all),
        scene.groups.reduce((facts, { pitch }) => facts + (pitch === undefined ? 4 : 5), 0),
      );
    },
    200,
  ));

test('facts that are wrong, left out, added or not said as captions say them are wrong', () => {
  const scene: Scene = {
    groups: [
      { kind: 'beep', pitch: 'high', count: 2, loudness: 'soft' },
      { kind: 'click', pitch: undefined, count: 1, loudness: 'loud' },
    ],
  };
  const count = (text: string) => {
    const { right, all } = countFacts(text, scene);
    return [sum(right), sum(all)];
  };
  assert.is(captionOf(scene), 'two soft high beeps, then a loud click');
  assert.equal(count('two soft high beeps, then a loud click'), [9, 9]);
  assert.equal(count('three loud high beeps, then a loud click'), [7, 9]);
  assert.equal(count('two soft low beeps, then four loud noise bursts'), [6, 9]);
  assert.equal(count('a loud click, then two soft high beeps'), [7, 9]);
  assert.equal(count('a loud click'), [3, 9]);
  assert.equal(count('two soft high beeps, then a loud click, then a soft click'), [9, 13]);
  for (const text of ['', 'two soft high beep', 'two soft beeps', 'a loud high click', 'a beep'])
    assert.equal(count(text), [0, 9], text);
});

test('training never has the combinations of held-out recordings, but all their pairs of words', () => {
  const all = kinds.flatMap((kind) =>
    COUNTS.flatMap((count: number) =>
      (KINDS[kind].hasPitch ? PITCHES : [undefined]).map((pitch: string) => ({ kind, count, pitch })),
    ),
  );
  const shown = all.filter((group) => !isHeldOut(group));
  assert.equal([all.length, shown.length], [56, 46]);
  const words = (groups: readonly Omit<Group, 'loudness'>[]) =>
    new Set(
      groups.flatMap(({ kind, pitch, count }) => [
        `${kind} ${pitch}`,
        `${pitch && kind} ${count}`,
        `${pitch} ${count}`,
      ]),
    );
  assert.equal(words(shown), words(all));
  return holds(
    'held out',
    fc.record({ seed: seeds, heldOut: fc.boolean() }),
    async ({ seed, heldOut }) => {
      const { groups } = randomScene(randomNumbers(seed), heldOut);
      assert.is(groups.some(isHeldOut), heldOut);
    },
    200,
  );
});

test('sounds are heard as often as the scene says, within the recording, and the same each time', () =>
  holds(
    'recordings',
    fc.record({ scene: scenes, seed: seeds }),
    async ({ scene, seed }) => {
      const samples: Int16Array = synthesize(scene, randomNumbers(seed));
      assert.is(samples.length, LENGTH);
      assert.equal(synthesize(scene, randomNumbers(seed)), samples);
      assert.is(
        soundsIn(samples).length,
        scene.groups.reduce((total, { count }) => total + count, 0),
      );
      assert.ok(samples.subarray(-RATE / 20).every((sample) => Math.abs(sample) < 40));
    },
    50,
  ));

/** Where sounds begin: louder than the hiss, after 50 ms that are not. */
function soundsIn(samples: Int16Array): number[] {
  const starts: number[] = [];
  let last = -RATE;
  for (const [i, sample] of samples.entries()) {
    if (Math.abs(sample) < 100) continue;
    if (i - last > RATE / 20) starts.push(i);
    last = i;
  }
  return starts;
}

test('a spectrogram shows the pitch, the direction of a chirp, and silence as 0', () => {
  const brightest = (pixels: Float32Array, frame: number) => {
    const column = Array.from({ length: BANDS }, (_, band) => pixels[band * FRAMES + frame]!);
    return column.indexOf(Math.max(...column));
  };
  assert.equal(spectrogram(new Int16Array(LENGTH)), new Float32Array(BANDS * FRAMES));
  const tone = (hertz: (t: number) => number) =>
    spectrogram(Int16Array.from({ length: LENGTH }, (_, i) => Math.round(9000 * sine(hertz(i / RATE)))));
  const steady = [300, 800, 2300].map((hertz) =>
    brightest(
      tone((t) => hertz * t),
      80,
    ),
  );
  assert.equal(
    steady,
    [...steady].sort((a, b) => a - b),
  );
  assert.is(new Set(steady).size, 3);
  const rising = tone((t) => t * (300 + 500 * t));
  const bands = [20, 60, 100, 140].map((frame) => brightest(rising, frame));
  assert.equal(
    bands,
    [...new Set(bands)].sort((a, b) => a - b),
  );
  assert.equal(bands.length, 4);
});

test('WAV files are read as they were written, of other rates and channels too; others are refused', () =>
  holds(
    'WAV',
    fc.record({ seed: seeds, length: fc.integer({ min: 0, max: 2 * LENGTH }) }),
    async ({ seed, length }) => {
      const random = randomNumbers(seed);
      const samples = Int16Array.from({ length }, () => random.between(-32_768, 32_767));
      const expected = new Int16Array(LENGTH);
      expected.set(samples.subarray(0, LENGTH));
      const file = writeWav(samples);
      assert.equal(readWav(file), expected);
      const twice = writeWav(Int16Array.from({ length: 4 * length }, (_, i) => samples[i >> 2]!));
      twice.writeUInt16LE(2, 22);
      twice.writeUInt32LE(2 * RATE, 24);
      assert.equal(readWav(twice), expected);
      file.writeUInt16LE(8, 34);
      assert.throws(() => readWav(file), /PCM of 16 bits/);
      assert.throws(() => readWav(file.subarray(0, 20)), /no samples|PCM/);
      assert.throws(() => readWav(file.subarray(8)), /not a WAV file/);
    },
    20,
  ));

/** What `main.js` prints, and what it notes. */
function main(...args: string[]) {
  const out = join(folder, 'stderr.txt');
  const stdout = execFileSync(
    'sh',
    ['-c', 'exec "$0" "$@" 2>stderr.txt', process.execPath, 'main.js', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { stdout, notes: readFileSync(out, 'utf8') };
}

test('a short training learns, is saved, and describes recordings and files', () => {
  const run = main('--steps', '40', '--recordings', '4', '--threads', '1', '--out', 'model', '--json');
  const { known, heldOut } = JSON.parse(run.stdout);
  for (const result of [known, heldOut]) {
    assert.is(result.recordings, 4);
    assert.equal(Object.keys(result.facts), FACTS);
    assert.ok(result.share >= 0 && result.share <= 1);
    assert.is(result.samples.length, 4);
  }
  const loss = Number(/^step 40 of 40: loss ([\d.]+),/m.exec(run.notes)?.[1]);
  // Chance is ln 400, which is 6.
  assert.ok(loss < 4, run.notes);
  const listened = main('--listen', 'sounds').stdout.trim().split('\n');
  assert.is(listened.length, 10);
  assert.ok(existsSync(join(folder, 'sounds/9.wav')));
  assert.ok(listened.every((line) => parseCaption(line.split(': ')[1]!) !== undefined));
  writeFileSync(join(folder, 'silent.wav'), writeWav(new Int16Array(100)));
  const described = main('--model', 'model', '--json', 'sounds/0.wav', 'silent.wav')
    .stdout.trim()
    .split('\n');
  assert.equal(
    described.map((line) => JSON.parse(line).file),
    ['sounds/0.wav', 'silent.wav'],
  );
  // The trained model and the saved one are the same: they describe alike.
  assert.is(JSON.parse(described[0]!).text, heldOut.samples[0].caption);
});

test.run();
