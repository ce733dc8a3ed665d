import { KEY_BLOCK, attendHead, attentionScratchBytes, storeKeyValue } from '../../kernels/attention';
import { allowTallTiles } from '../../kernels/formats/f32/matmul';
import { padded } from '../../abi';
import { attention as naive } from '../../reference/attention';
import { panels, transpose } from '../../reference/pack';
import {
  Rows,
  expectClose,
  expectInside,
  expectSameBits,
  filled,
  randomArray,
  randomBelow,
  randomIntegers,
  rowsOf,
  seed,
} from '../support';

/** Keys and values of one layer, all canaries, which are NaN, until written. */
class Cache {
  keys: Rows;
  values: Rows;

  constructor(
    readonly capacity: i32,
    readonly heads: i32,
    readonly headSize: i32,
  ) {
    this.keys = new Rows(1, heads * headSize * capacity);
    this.values = new Rows(1, heads * padded(headSize) * capacity);
  }
}

/**
 * Queries, keys and values of all heads for positions 0.., in rows [q, k, v] as in the model.
 */
class Sequence {
  scale: f32 = 0.25;
  /** Largest error of the result, relative to the magnitude of the values. */
  bound: f64 = 5e-7;

  constructor(
    readonly length: i32,
    readonly heads: i32,
    readonly headSize: i32,
    readonly qkv: Rows,
  ) {}

  static random(length: i32, heads: i32, headSize: i32, magnitude: f32 = 1): Sequence {
    const C = heads * headSize;
    return new Sequence(length, heads, headSize, Rows.of(randomArray(length * 3 * C, magnitude), 3 * C));
  }

  get name(): string {
    const sizes = this.length.toString() + ' positions, ' + this.heads.toString() + ' heads of ';
    return sizes + this.headSize.toString();
  }

  /** The columns from..from + headSize of all positions. */
  columns(from: i32): StaticArray<f32> {
    const out = new StaticArray<f32>(this.length * this.headSize);
    for (let i = 0; i < out.length; i++) out[i] = this.qkv.get(i / this.headSize, from + (i % this.headSize));
    return out;
  }

  store(cache: Cache, start: i32, rows: i32): void {
    const C = this.heads * this.headSize;
    for (let head = 0; head < this.heads; head++) {
      const column = head * this.headSize;
      storeKeyValue(
        cache.keys.pointer(0, column * cache.capacity),
        cache.values.pointer(0, head * padded(this.headSize) * cache.capacity),
        cache.capacity,
        this.qkv.pointer(start, C + column),
        this.qkv.pointer(start, 2 * C + column),
        this.qkv.strideBytes,
        rows,
        start,
        this.headSize,
      );
    }
  }

  attendHead(out: Rows, cache: Cache, start: i32, rows: i32, head: i32): void {
    const scratch = new Rows(1, <i32>(attentionScratchBytes(this.headSize) >> 2));
    attendHead(
      out.pointer(start, head * this.headSize),
      out.strideBytes,
      this.qkv.pointer(start, head * this.headSize),
      this.qkv.strideBytes,
      rows,
      start,
      cache.keys.pointer(0, head * this.headSize * cache.capacity),
      cache.values.pointer(0, head * padded(this.headSize) * cache.capacity),
      cache.capacity,
      this.headSize,
      this.scale,
      scratch.pointer(),
    );
    expectInside(scratch, scratch.columns, this.name + ', scratch');
  }

  /** Stores and attends to rows start.. of the sequence in every head. */
  step(out: Rows, cache: Cache, start: i32, rows: i32): void {
    this.store(cache, start, rows);
    for (let head = 0; head < this.heads; head++) this.attendHead(out, cache, start, rows, head);
  }

  /** Evaluates the whole sequence in blocks of the given lengths, repeated. */
  inBlocks(cache: Cache, lengths: StaticArray<i32>): Rows {
    const out = new Rows(this.length, this.heads * this.headSize);
    let start = 0;
    for (let i = 0; start < this.length; i++) {
      const rows = min(lengths[i % lengths.length], this.length - start);
      this.step(out, cache, start, rows);
      start += rows;
    }
    return out;
  }

  atOnce(capacity: i32): Rows {
    return this.inBlocks(new Cache(capacity, this.heads, this.headSize), [this.length]);
  }

  /** Compares with the reference, head by head. */
  check(out: Rows): void {
    const D = this.headSize;
    const C = this.heads * D;
    for (let head = 0; head < this.heads; head++) {
      const q = this.columns(head * D);
      const k = this.columns(C + head * D);
      const v = this.columns(2 * C + head * D);
      const expected = naive(q, k, v, this.length, 0, D, <f64>this.scale);
      const mine = new Rows(this.length, D);
      let largest: f64 = 0;
      for (let i = 0; i < expected.length; i++) {
        mine.set(i / D, i % D, out.get(i / D, head * D + (i % D)));
        largest = Math.max(largest, Math.abs(<f64>v[i]));
      }
      expectClose(mine, expected, filled(expected.length, this.bound * largest), this.name);
    }
    expectInside(out, C, this.name);
  }
}

/** [positions, heads, head size] */
const SHAPES: StaticArray<i32>[] = [
  [1, 1, 1],
  [16, 2, 1],
  [37, 3, 12],
  [48, 1, 5],
  [129, 2, 36],
  [130, 1, 64],
  [256, 2, 16],
  [300, 1, 20],
];

/** Lengths of blocks, repeated until the sequence is over. */
const CUTS: StaticArray<i32>[] = [
  [1],
  [2, 5, 1],
  [6],
  [7],
  [127, 1],
  [128],
  [13, 100],
  [64, 65],
  [255, 1, 1],
];

function forAllShapes(check: (sequence: Sequence, capacity: i32) => void): void {
  for (let i = 0; i < SHAPES.length; i++) {
    const length = SHAPES[i][0];
    check(Sequence.random(length, SHAPES[i][1], SHAPES[i][2]), padded(length));
  }
}

describe('key and value cache', () => {
  it('holds keys as panels of positions and values as panels of channels', () => {
    seed(1);
    const sequence = Sequence.random(48, 3, 20);
    const cache = new Cache(48, 3, 20);
    sequence.store(cache, 0, 17);
    sequence.store(cache, 17, 1);
    sequence.store(cache, 18, 30);
    for (let head = 0; head < 3; head++) {
      const k = sequence.columns(60 + head * 20);
      const v = sequence.columns(120 + head * 20);
      const keys = panels(transpose(k, 48, 20), 20, 48);
      for (let i = 0; i < keys.length; i++) {
        expect<f32>(cache.keys.get(0, head * 20 * 48 + i)).toBe(keys[i], 'keys');
      }
      for (let i = 0; i < v.length; i++) {
        const channel = i % 20;
        const place = ((head * 2 + channel / 16) * 48 + i / 20) * 16 + (channel % 16);
        expect<f32>(cache.values.get(0, place)).toBe(v[i], 'values');
      }
    }
  });

  it('is written only at the positions given', () => {
    seed(2);
    const sequence = Sequence.random(48, 2, 12);
    const cache = new Cache(48, 2, 12);
    sequence.store(cache, 15, 3);
    let keys = 0;
    let values = 0;
    for (let i = 0; i < cache.keys.columns; i++) if (!isNaN(cache.keys.get(0, i))) keys++;
    for (let i = 0; i < cache.values.columns; i++) if (!isNaN(cache.values.get(0, i))) values++;
    expect<i32>(keys).toBe(3 * 2 * 12);
    expect<i32>(values).toBe(3 * 2 * 12);
    expectInside(cache.keys, cache.keys.columns, 'keys');
    expectInside(cache.values, cache.values.columns, 'values');
  });
});

describe('attention', () => {
  it('is close to the reference, in a cache of NaN that the sequence fills or nearly fills', () => {
    seed(3);
    forAllShapes((sequence, capacity) => sequence.check(sequence.atOnce(capacity)));
  });

  it('is close to the reference with room left in the cache', () => {
    seed(4);
    forAllShapes((sequence, capacity) => sequence.check(sequence.atOnce(capacity + 144)));
  });

  it('gives the same bits however a sequence is cut into blocks', () => {
    seed(5);
    forAllShapes((sequence, capacity) => {
      const whole = sequence.atOnce(capacity);
      for (let i = 0; i < CUTS.length; i++) {
        const out = sequence.inBlocks(new Cache(capacity, sequence.heads, sequence.headSize), CUTS[i]);
        expectSameBits(out, whole, sequence.name + ', cut ' + i.toString());
      }
    });
  });

  it('gives the same bits with cuts anywhere', () => {
    seed(6);
    const sequence = Sequence.random(144, 1, 12);
    const whole = sequence.atOnce(144);
    for (let repeat = 0; repeat < 30; repeat++) {
      const cuts = new StaticArray<i32>(8);
      for (let i = 0; i < 8; i++) cuts[i] = 1 + randomBelow(repeat < 15 ? 40 : 140);
      expectSameBits(sequence.inBlocks(new Cache(144, 1, 12), cuts), whole, 'random cuts');
    }
  });

  it('gives the same bits with either tile height', () => {
    seed(7);
    forAllShapes((sequence, capacity) => {
      allowTallTiles(true);
      const tall = sequence.atOnce(capacity);
      allowTallTiles(false);
      expectSameBits(sequence.atOnce(capacity), tall, sequence.name);
    });
  });

  it('does not see what an earlier, longer sequence left behind', () => {
    seed(8);
    const cache = new Cache(160, 2, 12);
    const earlier = Sequence.random(160, 2, 12, 1e30);
    earlier.store(cache, 0, 160);
    const sequence = Sequence.random(150, 2, 12);
    const out = sequence.inBlocks(cache, [9, 1, 1]);
    expectSameBits(out, sequence.atOnce(160), 'used cache');
    sequence.check(out);
  });

  it('goes on from a prefix that it is given again', () => {
    seed(9);
    const sequence = Sequence.random(140, 2, 16);
    const cache = new Cache(144, 2, 16);
    const first = sequence.inBlocks(cache, [140]);
    const again = new Rows(140, 32);
    sequence.step(again, cache, 0, 126);
    sequence.step(again, cache, 126, 14);
    expectSameBits(again, first, 'again');
  });

  it('stands scores of 10,000 and more on either side', () => {
    seed(10);
    const shapes: StaticArray<i32>[] = [
      [37, 1, 12],
      [KEY_BLOCK + 9, 1, 16],
      [272, 1, 5],
    ];
    for (let i = 0; i < shapes.length; i++) {
      const length = shapes[i][0];
      const D = shapes[i][2];
      // Whole numbers make every score exact, at any magnitude.
      const integers = randomIntegers(length * 3 * D, 60);
      const sequence = new Sequence(length, 1, D, Rows.of(integers, 3 * D));
      sequence.scale = 2;
      const out = sequence.atOnce(padded(length));
      sequence.check(out);
      expectSameBits(sequence.inBlocks(new Cache(padded(length), 1, D), [11]), out, sequence.name);
    }
  });

  it('keeps a largest score that comes early, late or at the border of key blocks', () => {
    seed(11);
    const places: i32[] = [0, 1, 127, 128, 129, 255, 256, 271];
    for (let i = 0; i < places.length; i++) {
      for (let sign: f32 = -1; sign <= 1; sign += 2) {
        const sequence = Sequence.random(272, 1, 12);
        for (let row = 0; row < 272; row++) sequence.qkv.set(row, 0, 100);
        sequence.qkv.set(places[i], 12, sign * 400); // one key: scores of 10,000 or -10,000
        sequence.bound = 2e-5; // scores of 25 besides are rounded to 2e-6
        sequence.check(sequence.atOnce(272));
      }
    }
  });

  it('averages the values seen where all scores are equal', () => {
    const D = 12;
    const sequence = Sequence.random(200, 1, D);
    for (let row = 0; row < 200; row++) {
      for (let d = 0; d < D; d++) {
        sequence.qkv.set(row, d, 3);
        sequence.qkv.set(row, D + d, -50);
        sequence.qkv.set(row, 2 * D + d, <f32>row);
      }
    }
    const out = sequence.atOnce(208);
    for (let row = 0; row < 200; row++) {
      for (let d = 0; d < D; d++) {
        expect<f64>(Math.abs(<f64>out.get(row, d) - <f64>row / 2)).toBeLessThan(2e-5, row.toString());
      }
    }
  });

  it('gives the first position its own value', () => {
    seed(12);
    const sequence = Sequence.random(3, 2, 12);
    const out = sequence.atOnce(16);
    for (let c = 0; c < 24; c++) expect<f32>(out.get(0, c)).toBe(sequence.qkv.get(0, 48 + c));
  });

  it('writes one head into the columns of that head', () => {
    seed(13);
    const sequence = Sequence.random(20, 3, 12);
    const cache = new Cache(32, 3, 12);
    sequence.store(cache, 0, 20);
    const out = new Rows(20, 36);
    sequence.attendHead(out, cache, 0, 20, 1);
    for (let row = 0; row < 20; row++) {
      for (let c = 0; c < 36; c++) {
        expect<bool>(isNaN(out.get(row, c))).toBe(c < 12 || c >= 24, 'column ' + c.toString());
      }
    }
    expectInside(out, 36, 'one head');
  });

  it('is close to the reference on rows that begin inside the sequence', () => {
    seed(14);
    const D = 12;
    const sequence = Sequence.random(150, 1, D);
    const k = sequence.columns(D);
    const v = sequence.columns(2 * D);
    const cache = new Cache(160, 1, D);
    sequence.store(cache, 0, 150);
    const starts: i32[] = [1, 15, 16, 126, 127, 128, 129, 149];
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i];
      const out = new Rows(150, D);
      sequence.attendHead(out, cache, start, 150 - start, 0);
      const q = rowsOf(sequence.columns(0), D, start, 150);
      const expected = naive(q, k, v, 150 - start, start, D, 0.25);
      for (let j = 0; j < expected.length; j++) {
        const error = Math.abs(<f64>out.get(start + j / D, j % D) - expected[j]);
        expect<f64>(error).toBeLessThan(1e-6, 'start ' + start.toString());
      }
    }
  });
});
