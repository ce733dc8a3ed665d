import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode } from '../../../src/dtypes/decode.js';
import { loadCaptioner } from '../../../src/vision.js';
import { freshSeed, holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { safetensorsOf } from '../../support/safetensors_of.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MODEL = join(ROOT, 'models/captions');

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-captions-'));
cpSync(join(ROOT, 'examples/captions'), folder, {
  recursive: true,
  filter: (path) => !path.includes('node_modules'),
});
mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules/gpt2-wasm'), 'junction');
test.after(() => rmSync(folder, { recursive: true, force: true }));

const ours = (name: string) => import(pathToFileURL(join(folder, name)).href);
const { COLOURS, COUNTS, isHeldOut, RELATIONS, randomScene, SHAPES } = await ours('world.js');
const { captionOf, parseCaption } = await ours('grammar.js');
const { countFacts } = await ours('facts.js');
const { draw, SIDE } = await ours('draw.js');
const { randomNumbers } = await ours('random.js');
const { halved } = await ours('half.js');
const { measure } = await ours('measure.js');

interface Group {
  readonly count: number;
  readonly size: string;
  readonly colour: string;
  readonly shape: string;
  readonly place: number;
}
interface Scene {
  readonly groups: readonly Group[];
  readonly seed: number;
}

const scenes = fc
  .record({ seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }), heldOut: fc.boolean() })
  .map(({ seed, heldOut }): Scene => randomScene(randomNumbers(seed), heldOut));
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);

test('a caption says the facts of its picture, and all of them', () =>
  holds(
    'captions',
    scenes,
    async (scene) => {
      const text = captionOf(scene);
      const said = parseCaption(text);
      assert.is(said.length, scene.groups.length);
      for (const [index, { count, size, colour, shape, place }] of scene.groups.entries()) {
        const { place: named, relation, ...facts } = said[index];
        assert.equal(facts, { count, colour, shape, ...(count === 1 && { size }) });
        if (relation === undefined) assert.is(named, place);
        else assert.ok(RELATIONS[relation](place, scene.groups[index - 1]!.place));
      }
      const { right, all } = countFacts(text, scene);
      assert.equal(right, all);
      assert.is(
        sum(all),
        scene.groups.reduce((facts, { count }) => facts + (count === 1 ? 5 : 4), 0),
      );
    },
    200,
  ));

test('each wrong word of a caption is one wrong fact, wherever its group stands', () =>
  holds(
    'wrong words',
    fc.record({ scene: scenes, at: fc.nat(), shift: fc.integer({ min: 1, max: 3 }) }),
    async ({ scene, at, shift }) => {
      const index = at % scene.groups.length;
      const next = <T>(items: readonly T[], item: T) => items[(items.indexOf(item) + shift) % items.length]!;
      const change = (changed: Partial<Group>) => ({
        ...scene,
        groups: scene.groups.map((group, i) => (i === index ? { ...group, ...changed } : group)),
      });
      const { colour, shape } = scene.groups[index]!;
      for (const [kind, changed] of Object.entries({
        colour: change({ colour: next<string>(COLOURS, colour) }),
        shape: change({ shape: next<string>(SHAPES, shape) }),
      })) {
        const { right, all } = countFacts(captionOf(changed), scene);
        // Groups may be compared in another order, if that makes more facts right; never fewer.
        assert.ok(sum(all) - sum(right) <= 1, kind);
        assert.ok(sum(right) < sum(all), kind);
      }
    },
    100,
  ));

test('facts that are left out, added or not said as captions say them are wrong', () => {
  const scene: Scene = {
    seed: 1,
    groups: [
      { count: 2, size: 'small', colour: 'red', shape: 'circle', place: 0 },
      { count: 1, size: 'big', colour: 'blue', shape: 'square', place: 3 },
    ],
  };
  const count = (text: string) => {
    const { right, all } = countFacts(text, scene);
    return [sum(right), sum(all)];
  };
  assert.is(captionOf(scene), 'two red circles at the top left and a big blue square below');
  assert.equal(count('two red circles at the top left and a big blue square below'), [9, 9]);
  assert.equal(count('a big blue square on the left and two red circles above'), [9, 9]);
  assert.equal(count('two red circles at the top left'), [4, 9]);
  assert.equal(
    count('two red circles at the top left, a big blue square below and two red stars above'),
    [9, 13],
  );
  assert.equal(count('two red circles at the top left and a small blue star above'), [6, 9]);
  for (const text of [
    '',
    'two red circle at the top left',
    'a red circle at the top',
    'two red circles below',
  ]) {
    assert.equal(count(text), [0, 9], text);
  }
});

test('training never shows the combinations of held-out pictures, but all their pairs of words', () => {
  const all = COUNTS.flatMap((count: number) =>
    COLOURS.flatMap((colour: string) => SHAPES.map((shape: string) => ({ count, colour, shape }))),
  );
  const shown = all.filter((group: Group) => !isHeldOut(group));
  assert.equal([all.length, shown.length], [96, 80]);
  const pairs = (groups: readonly Group[]) =>
    new Set(
      groups.flatMap(({ count, colour, shape }) => [
        `${count} ${colour}`,
        `${count} ${shape}`,
        `${colour} ${shape}`,
      ]),
    );
  assert.equal(pairs(shown).size, pairs(all).size);
  return holds(
    'held out',
    fc.record({ seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }), heldOut: fc.boolean() }),
    async ({ seed, heldOut }) => {
      const { groups } = randomScene(randomNumbers(seed), heldOut);
      assert.is(groups.some(isHeldOut), heldOut);
    },
    200,
  );
});

test('things are drawn at their places, as many as there are, and the same each time', () =>
  holds(
    'pictures',
    scenes,
    async (scene) => {
      const { width, height, data } = draw(scene);
      assert.equal([width, height, data.length], [SIDE, SIDE, 3 * SIDE * SIDE]);
      assert.equal(draw(scene).data, data);
      for (const group of scene.groups) {
        const things = islands(draw({ ...scene, groups: [group] }), scene.seed);
        assert.is(things.length, group.count);
        for (const { x, y } of things) {
          assert.is(3 * Math.floor((3 * y) / SIDE) + Math.floor((3 * x) / SIDE), group.place);
        }
      }
    },
    30,
  ));

/** Middles of the connected areas, of 5 pixels or more, that are not as an empty picture of this seed. */
function islands({ data }: { readonly data: Uint8Array }, seed: number): { x: number; y: number }[] {
  const empty = draw({ groups: [], seed }).data;
  const free = Array.from(
    { length: SIDE * SIDE },
    (_, at) => Math.max(...[0, 1, 2].map((c) => Math.abs(data[3 * at + c]! - empty[3 * at + c]!))) > 40,
  );
  const found = [];
  for (let start = free.indexOf(true); start >= 0; start = free.indexOf(true)) {
    const area = [start];
    free[start] = false;
    for (const at of area) {
      const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
      const near = [x > 0 && at - 1, x < SIDE - 1 && at + 1, y > 0 && at - SIDE, y < SIDE - 1 && at + SIDE];
      for (const next of near) {
        if (next === false || !free[next]) continue;
        free[next] = false;
        area.push(next);
      }
    }
    const mean = (of: (at: number) => number) => area.reduce((total, at) => total + of(at), 0) / area.length;
    // The tip of a star may be apart from it.
    if (area.length > 4) found.push({ x: mean((at) => at % SIDE), y: mean((at) => Math.floor(at / SIDE)) });
  }
  return found;
}

test('numbers become the nearest ones of 16 bits', async () => {
  const random = randomSource(freshSeed('halves'));
  const edges = [0, -0, 1, 2 ** -24, 2 ** -25, 1.5 * 2 ** -24, 2 ** -14, 2 ** -14 - 2 ** -25, 65504, 65519];
  const drawn = Array.from({ length: 5000 }, () => (random.uniform() - 0.5) * 2 ** (random.below(40) - 26));
  const values = Float32Array.from([...edges, ...drawn]);
  const halves = halved(safetensorsOf({ x: { shape: [values.length], values } }));
  const bytes = halves.subarray(halves.length - 2 * values.length);
  const found = new Float32Array(values.length);
  decode('F16', bytes, found);
  values.forEach((value, i) => {
    const near = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10));
    assert.ok(Math.abs(found[i]! - value) <= near / 2, `${value} is ${found[i]}`);
  });
  // Halfway between two, the even one: 2^-25 and 2^-14 - 2^-25 are.
  assert.equal(Array.from(found.subarray(4, 8)), [0, 2 ** -23, 2 ** -14, 2 ** -14]);
});

const run = (...args: string[]) =>
  execFileSync(process.execPath, ['main.js', ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

test('the program trains, saves and measures', () => {
  const out = join(folder, 'out');
  const trained = JSON.parse(
    run('--steps', '3', '--pictures', '2', '--threads', '1', '--out', out, '--json'),
  );
  assert.is(trained.pictures, 2);
  assert.is(trained.kinds.shape.all, trained.kinds.colour.all);
  const loaded = run('--model', out, '--pictures', '2');
  assert.match(loaded, /2 held-out pictures, 0 captions word for word/);
});

test('the captioner of the package tells 95 of 100 facts of pictures that training never showed', async () => {
  const size = readdirSync(MODEL).reduce((total, name) => total + statSync(join(MODEL, name)).size, 0);
  assert.ok(size < 3e6, `${size} bytes`);
  const captioner = await loadCaptioner(MODEL, { weights: 'q8', build: 'simd' });
  const { share } = await measure(captioner, { pictures: 100, seed: 2 ** 31 + 1 });
  captioner.dispose();
  assert.ok(share >= 0.95, `${share}`);
});

test.run();
