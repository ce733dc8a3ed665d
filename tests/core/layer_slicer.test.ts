import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LayerSlicer, type Slice } from '../../src/core/layer_slicer.js';
import { LOGITS_ROWS } from '../../src/core/layout.js';
import { loadModel } from '../../src/index.js';
import { FAKE_CONFIG } from '../support/fake_core.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';

/** A model whose head has as many weights as `head` layers. */
const configOf = (layers: number, head: number) => ({
  ...FAKE_CONFIG,
  layers,
  channels: 10,
  innerChannels: 30,
  vocabSize: 100 * head,
});

/** Share of a layer's products, 4 C C + 2 C I, that keys and values need, 2 C C, in these models. */
const KEYS_AND_VALUES = 200 / (400 + 600);

/** Speed of a machine: milliseconds of a layer for up to 8 rows, and for each row of more. */
interface Machine {
  readonly ofFew: number;
  readonly perRow: number;
}

/** Slices a block, records the times with the slicer, and returns both. */
function slices(
  slicer: LayerSlicer,
  { layers, head }: { layers: number; head: number },
  { ofFew, perRow }: Machine,
  rows: number,
  logits: number,
): { slice: Slice; ms: number }[] {
  const layerMs = (count: number) => (count > 8 ? perRow * count : ofFew);
  const all = [];
  for (let layer = 0, left = logits; layer < layers || left > 0; ) {
    const slice = slicer.next(rows, layer, left);
    const { firstLayer, endLayer, wantedRows } = slice;
    assert.is(firstLayer, layer);
    assert.ok(
      endLayer - layer + wantedRows > 0 && endLayer <= layers && wantedRows <= Math.min(LOGITS_ROWS, left),
    );
    assert.ok(wantedRows === 0 || endLayer === layers);
    const hasLast = endLayer === layers && endLayer > layer;
    const ofWanted = left > 0 ? (1 - KEYS_AND_VALUES) * Math.min(layerMs(left), layerMs(rows)) : 0;
    const ms =
      (endLayer - layer - (hasLast ? 1 : 0)) * layerMs(rows) +
      (hasLast ? KEYS_AND_VALUES * layerMs(rows) + ofWanted : 0) +
      (wantedRows > 0 ? head * layerMs(wantedRows) : 0);
    slicer.record(ms, rows, slice);
    all.push({ slice, ms });
    layer = endLayer;
    left -= wantedRows;
  }
  return all;
}

test('slices are of 15 ms, whatever the machine and the model: layers first, and logits where there is time left', () => {
  const random = randomSource(4);
  for (let round = 0; round < 300; round++) {
    const shape = { layers: 1 + random.below(48), head: random.pick([0.2, 1, 5, 30]) };
    const machine = {
      ofFew: random.pick([0.01, 0.3, 2, 15, 50]),
      perRow: random.pick([0.001, 0.02, 0.1, 0.4]),
    };
    const slicer = new LayerSlicer(configOf(shape.layers, shape.head));
    for (const [rows, logits] of [
      [132, 1],
      [1, 1],
      [132, 132],
    ] as const) {
      slices(slicer, shape, machine, rows, logits);
      const known = slices(slicer, shape, machine, rows, logits);
      known.forEach(({ slice, ms }, i) => {
        const { firstLayer, endLayer, wantedRows } = slice;
        // The smallest slices: one layer, or the logits of up to 8 rows.
        const least = endLayer - firstLayer <= 1 && wantedRows <= (endLayer > firstLayer ? 0 : 8);
        assert.ok(ms < 15.001 || least, JSON.stringify({ shape, machine, slice, ms }));
        const next = known[i + 1];
        if (next === undefined) return;
        const layerMs = rows > 8 ? machine.perRow * rows : machine.ofFew;
        if (next.slice.endLayer < shape.layers) {
          assert.ok(ms + layerMs > 14.999, `${ms} ms, and another layer takes ${layerMs}`);
        }
      });
    }
  }
});

test('by hand: 3.5 ms a layer are four layers a slice; a head of 10.5 ms has a slice of its own', () => {
  const slicer = new LayerSlicer(configOf(6, 3));
  const few = { ofFew: 3.5, perRow: 0.1 };
  slices(slicer, { layers: 6, head: 3 }, few, 1, 1);
  const sliced = slices(slicer, { layers: 6, head: 3 }, few, 1, 1).map(({ slice }) => slice);
  assert.equal(sliced, [
    { firstLayer: 0, endLayer: 4, wantedRows: 0 },
    { firstLayer: 4, endLayer: 6, wantedRows: 0 },
    { firstLayer: 6, endLayer: 6, wantedRows: 1 },
  ]);
});

test('a first slice is a layer: nothing is known yet; a clock that stands still is no reason to wait', () => {
  const slicer = new LayerSlicer(configOf(12, 5));
  assert.equal(slicer.next(132, 0, 1), { firstLayer: 0, endLayer: 1, wantedRows: 0 });
  assert.equal(slicer.next(1, 12, 1), { firstLayer: 12, endLayer: 12, wantedRows: 1 });
  slicer.record(0, 132, { firstLayer: 0, endLayer: 1, wantedRows: 0 });
  slicer.record(0, 1, { firstLayer: 12, endLayer: 12, wantedRows: 1 });
  const all = { firstLayer: 0, endLayer: 12, wantedRows: 1 };
  assert.equal(slicer.next(132, 0, 1), all);
  slicer.record(0, 132, all);
  slicer.record(13, 132, all);
  const { endLayer } = slicer.next(132, 0, 1);
  assert.ok(endLayer > 1, `${endLayer}`);
});

test('a prompt whose last layer takes little time does not make the slices of the next one longer', () => {
  const shape = { layers: 12, head: 5 };
  const slicer = new LayerSlicer(configOf(shape.layers, shape.head));
  const machine = { ofFew: 0.5, perRow: 0.1 };
  for (const logits of [0, 0, 1, 0, 1, 1]) {
    const all = slices(slicer, shape, machine, 132, logits);
    assert.ok(
      all.every(({ ms }) => ms <= 15),
      `${all.map(({ ms }) => ms)}`,
    );
  }
});

test('a batch has as many rows as a layer computes in a slice, from 48 to 132', () => {
  for (const [perRow, most] of [
    [0.25, 60],
    [0.15, 100],
    [0.01, 132],
    [1, 48],
  ] as const) {
    const slicer = new LayerSlicer(configOf(12, 5));
    assert.is(slicer.mostRows, 48, 'nothing is known yet');
    slices(slicer, { layers: 12, head: 5 }, { ofFew: 0.5, perRow }, 48, 1);
    assert.is(slicer.mostRows, most);
  }
});

test('where a block is cut leaves no trace in the logits', async () => {
  const random = randomSource(11);
  const ids = Array.from({ length: 150 }, () => random.below(1024));
  const { next } = LayerSlicer.prototype;
  for (const weights of ['f32', 'q8', 'q4'] as const) {
    const model = await loadModel(storiesTiny, { build: 'simd', weights });
    const logits = await model.logits(ids);
    const { layers } = model.config;
    LayerSlicer.prototype.next = (_rows, firstLayer, left) => {
      const endLayer = Math.min(layers, firstLayer + random.below(3) + (firstLayer < layers ? 1 : 0));
      const most = endLayer === layers ? Math.min(LOGITS_ROWS, left) : 0;
      const least = endLayer === firstLayer ? 1 : 0;
      return { firstLayer, endLayer, wantedRows: Math.max(least, random.below(most + 1)) };
    };
    try {
      assert.equal(await model.logits(ids), logits, weights);
    } finally {
      LayerSlicer.prototype.next = next;
      model.dispose();
    }
  }
});

test.run();
