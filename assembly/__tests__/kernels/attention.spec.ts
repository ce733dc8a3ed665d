import { KV_Q8, PAGE } from '../../abi';
import { allowTallTiles } from '../../kernels/formats/f32/matmul';
import { attention as naive, stored } from '../../reference/attention';
import {
  Rows,
  expectClose,
  expectInside,
  expectSameBits,
  filled,
  randomBelow,
  randomIntegers,
  rowsOf,
  seed,
} from '../support';
import { FORMATS, Sequence, formatName } from './pages';

/**
 * Largest error relative to the magnitude of the values, beside that of storing keys and values. In q8,
 * queries and weights have 15 bits and a sign.
 */
function bound(format: i32): f64 {
  return format == KV_Q8 ? 2e-4 : 5e-7;
}

/** Compares with the reference on the keys and values that pages hold, head by head. */
function check(out: Rows, sequence: Sequence, format: i32, tolerance: f64 = bound(format)): void {
  const D = sequence.headSize;
  for (let head = 0; head < sequence.heads; head++) {
    const q = sequence.columns(0, head);
    const k = stored(format, sequence.columns(1, head), D);
    const v = stored(format, sequence.columns(2, head), D);
    const expected = naive(q, k, v, sequence.length, 0, D, <f64>sequence.scale);
    const mine = new Rows(sequence.length, D);
    let largest: f64 = 0;
    for (let i = 0; i < expected.length; i++) {
      mine.set(i / D, i % D, out.get(i / D, head * D + (i % D)));
      largest = Math.max(largest, Math.abs(<f64>v[i]));
    }
    const what = formatName(format) + ', ' + sequence.name;
    expectClose(mine, expected, filled(expected.length, tolerance * largest), what);
  }
  expectInside(out, sequence.heads * D, sequence.name);
}

/** [positions, heads, head size] */
const SHAPES: StaticArray<i32>[] = [
  [1, 1, 1],
  [16, 2, 1],
  [37, 3, 3],
  [48, 1, 16],
  [129, 2, 80],
  [130, 1, 64],
  [256, 2, 20],
  [300, 1, 128],
];

/** Rows of calls, repeated until the sequence is over. */
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

function forAll(action: (sequence: Sequence, format: i32) => void): void {
  for (let i = 0; i < SHAPES.length; i++) {
    const sequence = Sequence.random(SHAPES[i][0], SHAPES[i][1], SHAPES[i][2]);
    for (let f = 0; f < FORMATS.length; f++) action(sequence, FORMATS[f]);
  }
}

describe('attention', () => {
  it('is close to the reference, in pages of NaN', () => {
    seed(3);
    forAll((sequence, format) => check(sequence.atOnce(format), sequence, format));
  });

  it('gives the same bits however a sequence is cut into calls', () => {
    seed(5);
    forAll((sequence, format) => {
      const whole = sequence.atOnce(format);
      for (let i = 0; i < CUTS.length; i++) {
        const out = sequence.inCalls(sequence.pages(format), CUTS[i]);
        expectSameBits(out, whole, formatName(format) + ', ' + sequence.name + ', cut ' + i.toString());
      }
    });
  });

  it('gives the same bits with cuts anywhere', () => {
    seed(6);
    const sequence = Sequence.random(280, 1, 12);
    for (let f = 0; f < FORMATS.length; f++) {
      const whole = sequence.atOnce(FORMATS[f]);
      for (let repeat = 0; repeat < 30; repeat++) {
        const cuts = new StaticArray<i32>(8);
        for (let i = 0; i < 8; i++) cuts[i] = 1 + randomBelow(repeat < 15 ? 40 : 140);
        expectSameBits(sequence.inCalls(sequence.pages(FORMATS[f]), cuts), whole, 'random cuts');
      }
    }
  });

  it('gives the same bits with either tile height', () => {
    seed(7);
    forAll((sequence, format) => {
      allowTallTiles(true);
      const tall = sequence.atOnce(format);
      allowTallTiles(false);
      expectSameBits(sequence.atOnce(format), tall, sequence.name);
    });
  });

  it('gives a row the same bits among any rows that are already stored', () => {
    seed(8);
    forAll((sequence, format) => {
      const pages = sequence.pages(format);
      const whole = sequence.inCalls(pages, [sequence.length]);
      const again = new Rows(sequence.length, whole.columns);
      for (let i = 0; i < 12; i++) {
        const start = randomBelow(sequence.length);
        const rows = 1 + randomBelow(sequence.length - start);
        sequence.attend(again, pages, start, rows);
        let different = 0;
        for (let row = start; row < start + rows; row++) {
          for (let c = 0; c < whole.columns; c++) if (again.bits(row, c) != whole.bits(row, c)) different++;
        }
        expect<i32>(different).toBe(0, formatName(format) + ', ' + sequence.name);
      }
    });
  });

  it('gives the same bits in copied pages', () => {
    seed(9);
    forAll((sequence, format) => {
      const whole = sequence.atOnce(format);
      for (let count = 0; count < sequence.length; count += 1 + randomBelow(60)) {
        const original = sequence.pages(format);
        original.store(sequence, 0, sequence.length);
        const copy = original.copy(count);
        copy.store(sequence, count, sequence.length - count);
        const out = new Rows(sequence.length, whole.columns);
        sequence.attend(out, copy, 0, sequence.length);
        copy.expectInside(sequence.name);
        const what = formatName(format) + ', ' + sequence.name + ', copied ' + count.toString();
        expectSameBits(out, whole, what);
      }
    });
  });

  it('does not see what an earlier, longer sequence left behind', () => {
    seed(10);
    const earlier = Sequence.random(160, 2, 12, 1e30);
    const sequence = Sequence.random(150, 2, 12);
    for (let f = 0; f < FORMATS.length; f++) {
      const pages = earlier.pages(FORMATS[f]);
      pages.store(earlier, 0, 160);
      expectSameBits(sequence.inCalls(pages, [9, 1, 1]), sequence.atOnce(FORMATS[f]), 'used pages');
    }
  });

  it('stands scores of 10,000 and more on either side', () => {
    seed(11);
    const shapes: StaticArray<i32>[] = [
      [37, 1, 12],
      [PAGE + 9, 1, 16],
      [272, 1, 5],
    ];
    for (let i = 0; i < shapes.length; i++) {
      const length = shapes[i][0];
      const D = shapes[i][2];
      // Whole numbers make every score exact, at any magnitude.
      const sequence = new Sequence(length, 1, D, Rows.of(randomIntegers(length * 3 * D, 60), 3 * D));
      sequence.scale = 2;
      for (let f = 0; f < FORMATS.length; f++) {
        const format = FORMATS[f];
        const out = sequence.atOnce(format);
        // The scores of q8 are off by up to 0.2, which is where two are nearly equal.
        check(out, sequence, format, format == KV_Q8 ? 0.3 : bound(format));
        expectSameBits(sequence.inCalls(sequence.pages(format), [11]), out, sequence.name);
      }
    }
  });

  it('keeps a largest score that comes early, late or at the border of pages', () => {
    seed(12);
    const places: i32[] = [0, 1, 127, 128, 129, 255, 256, 271];
    for (let i = 0; i < places.length; i++) {
      for (let sign: f32 = -1; sign <= 1; sign += 2) {
        const sequence = Sequence.random(272, 1, 12);
        for (let row = 0; row < 272; row++) sequence.qkv.set(row, 0, 100);
        sequence.qkv.set(places[i], 12, sign * 400); // one key: scores of 10,000 or -10,000
        for (let f = 0; f < FORMATS.length; f++) {
          const format = FORMATS[f];
          // Scores of 25 besides are rounded to 2e-6 in f32.
          check(sequence.atOnce(format), sequence, format, format == KV_Q8 ? 5e-3 : 2e-5);
        }
      }
    }
  });

  it('averages the values seen if all scores are equal', () => {
    const D = 12;
    const sequence = Sequence.random(200, 1, D);
    for (let row = 0; row < 200; row++) {
      for (let d = 0; d < D; d++) {
        sequence.qkv.set(row, d, 3);
        sequence.qkv.set(row, D + d, -50);
        sequence.qkv.set(row, 2 * D + d, <f32>row);
      }
    }
    for (let f = 0; f < FORMATS.length; f++) {
      const out = sequence.atOnce(FORMATS[f]);
      let worst: f64 = 0;
      for (let row = 0; row < 200; row++) {
        for (let d = 0; d < D; d++) worst = Math.max(worst, Math.abs(<f64>out.get(row, d) - <f64>row / 2));
      }
      const tolerance = FORMATS[f] == KV_Q8 ? 200 * 2e-3 : 2e-5;
      expect<f64>(worst).toBeLessThan(tolerance, formatName(FORMATS[f]));
    }
  });

  it('sums the largest q8 numbers of the largest heads', () => {
    const D = 512;
    const sequence = Sequence.random(140, 1, D);
    for (let row = 0; row < 140; row++) {
      const sign: f32 = row % 3 == 0 ? 1 : -1;
      for (let d = 0; d < D; d++) {
        sequence.qkv.set(row, d, 1);
        sequence.qkv.set(row, D + d, sign);
        sequence.qkv.set(row, 2 * D + d, sign);
      }
    }
    check(sequence.atOnce(KV_Q8), sequence, KV_Q8);
  });

  it('gives the first position its own value', () => {
    seed(13);
    const sequence = Sequence.random(3, 2, 12);
    for (let f = 0; f < FORMATS.length; f++) {
      const format = FORMATS[f];
      const out = sequence.atOnce(format);
      for (let c = 0; c < 24; c++) {
        const value = stored(format, sequence.columns(2, c / 12), 12)[c % 12];
        if (format == KV_Q8) expect<f32>(Mathf.abs(out.get(0, c) - value)).toBeLessThan(1e-6);
        else expect<f32>(out.get(0, c)).toBe(value);
      }
    }
  });

  it('writes one head into the columns of that head', () => {
    seed(14);
    const sequence = Sequence.random(20, 3, 12);
    for (let f = 0; f < FORMATS.length; f++) {
      const pages = sequence.pages(FORMATS[f]);
      pages.store(sequence, 0, 20);
      const out = new Rows(20, 36);
      pages.attendHead(out, sequence, 0, 20, 1);
      let wrong = 0;
      for (let row = 0; row < 20; row++) {
        for (let c = 0; c < 36; c++) if (isNaN(out.get(row, c)) != (c < 12 || c >= 24)) wrong++;
      }
      expect<i32>(wrong).toBe(0, formatName(FORMATS[f]));
      expectInside(out, 36, 'one head');
    }
  });

  it('is close to the reference on rows that begin inside the sequence', () => {
    seed(15);
    const D = 12;
    const sequence = Sequence.random(150, 1, D);
    for (let f = 0; f < FORMATS.length; f++) {
      const format = FORMATS[f];
      const k = stored(format, sequence.columns(1, 0), D);
      const v = stored(format, sequence.columns(2, 0), D);
      const pages = sequence.pages(format);
      pages.store(sequence, 0, 150);
      const starts: i32[] = [1, 15, 16, 126, 127, 128, 129, 149];
      for (let i = 0; i < starts.length; i++) {
        const start = starts[i];
        const out = new Rows(150, D);
        pages.attendHead(out, sequence, start, 150 - start, 0);
        const q = rowsOf(sequence.columns(0, 0), D, start, 150);
        const expected = naive(q, k, v, 150 - start, start, D, 0.25);
        let worst: f64 = 0;
        for (let j = 0; j < expected.length; j++) {
          worst = Math.max(worst, Math.abs(<f64>out.get(start + j / D, j % D) - expected[j]));
        }
        expect<f64>(worst).toBeLessThan(2 * bound(format), 'start ' + start.toString());
      }
    }
  });
});

/** Rows of queries that see all keys. */
const QUERIES: i32[] = [1, 2, 3, 12, 29];

describe('attention to all keys', () => {
  it('is close to the reference for any number of queries, in pages of NaN', () => {
    seed(20);
    forAll((sequence, format) => {
      const D = sequence.headSize;
      const keys = sequence.length;
      const pages = sequence.pages(format);
      pages.store(sequence, 0, keys);
      for (let i = 0; i < QUERIES.length; i++) {
        const queries = Sequence.random(QUERIES[i], sequence.heads, D);
        const out = new Rows(queries.length, sequence.heads * D);
        pages.attendToAll(out, queries, 0, queries.length, keys);
        const what = formatName(format) + ', ' + sequence.name + ', queries ' + queries.length.toString();
        let worst: f64 = 0;
        for (let head = 0; head < sequence.heads; head++) {
          const k = stored(format, sequence.columns(1, head), D);
          const v = stored(format, sequence.columns(2, head), D);
          for (let row = 0; row < queries.length; row++) {
            const q = rowsOf(queries.columns(0, head), D, row, row + 1);
            // The last position of a sequence sees all of its keys.
            const expected = naive(q, k, v, 1, keys - 1, D, <f64>queries.scale);
            for (let d = 0; d < D; d++) {
              worst = Math.max(worst, Math.abs(<f64>out.get(row, head * D + d) - expected[d]));
            }
          }
        }
        expect<f64>(worst).toBeLessThan(2 * bound(format), what);
        expectInside(out, sequence.heads * D, what);
      }
    });
  });

  it('gives the last position the bits of causal attention', () => {
    seed(21);
    forAll((sequence, format) => {
      const pages = sequence.pages(format);
      const causal = sequence.inCalls(pages, [sequence.length]);
      const out = new Rows(sequence.length, causal.columns);
      pages.attendToAll(out, sequence, 0, sequence.length, sequence.length);
      const last = sequence.length - 1;
      expectSameBits(out, causal, formatName(format) + ', ' + sequence.name, last, last + 1);
    });
  });

  it('gives a row the same bits among any rows', () => {
    seed(22);
    forAll((sequence, format) => {
      const pages = sequence.pages(format);
      pages.store(sequence, 0, sequence.length);
      const whole = new Rows(sequence.length, sequence.heads * sequence.headSize);
      pages.attendToAll(whole, sequence, 0, sequence.length, sequence.length);
      const parts = new Rows(sequence.length, whole.columns);
      for (let first = 0; first < sequence.length; ) {
        const rows = min(1 + randomBelow(20), sequence.length - first);
        pages.attendToAll(parts, sequence, first, rows, sequence.length);
        first += rows;
      }
      expectSameBits(parts, whole, formatName(format) + ', ' + sequence.name);
    });
  });
});
