import { KV_F16, KV_F32, KV_Q8, PAGE, pagePartBytes } from '../../abi';
import { decodeF16 } from '../../reference/pack';
import { stored } from '../../reference/attention';
import { expectSameBits, seed } from '../support';
import { FORMATS, Pages, Sequence, formatName } from './pages';

const HEAD_SIZES: i32[] = [1, 3, 16, 20, 64, 80, 128];

/** Place of a number in panels [columns / 16][rows][16], q8: [columns / 16][rows / 2][2][4][2 rows][2]. */
function place(format: i32, rows: i32, row: i32, column: i32): i32 {
  const panel = (column / 16) * rows * 16;
  const c = column % 16;
  if (format != KV_Q8) return panel + row * 16 + c;
  return panel + (row / 2) * 32 + (c / 8) * 16 + (c % 4) * 4 + (row % 2) * 2 + (c % 8) / 4;
}

/** The stored bits of number i of a position's key, or with `value` of its value. */
function bitsOf(pages: Pages, position: i32, head: i32, i: i32, value: bool): i32 {
  const format = pages.format;
  const keyRows = format == KV_Q8 ? pages.headSize + (pages.headSize % 2) : pages.headSize;
  const at = value
    ? PAGE * keyRows + place(format, PAGE, position % PAGE, i)
    : place(format, keyRows, i, position % PAGE);
  const part = pages.part(position, head);
  if (format == KV_F32) return load<i32>(part + (at << 2));
  if (format == KV_F16) return load<u16>(part + (at << 1));
  return load<u8>(part + at);
}

/** Bits of the scale of a position's key or value. */
function scaleOf(pages: Pages, position: i32, head: i32, value: bool): i32 {
  const scales = pages.part(position, head) + <usize>(pagePartBytes(KV_Q8, pages.headSize) - 4 * PAGE);
  const index = (value ? PAGE : 0) + (position % PAGE);
  return load<u16>(scales + ((<usize>index) << 1));
}

/** Number i of a position's key or value, by the definition of the layout. */
function numberOf(pages: Pages, position: i32, head: i32, i: i32, value: bool): f32 {
  const bits = bitsOf(pages, position, head, i, value);
  if (pages.format == KV_F32) return reinterpret<f32>(bits);
  if (pages.format == KV_F16) return <f32>(decodeF16(bits & 0x7fff) * (bits & 0x8000 ? -1 : 1));
  const column = value ? i : position;
  const integer = column & 4 ? <i32>(<i8>bits) : bits - 128;
  return <f32>(<f64>integer * decodeF16(scaleOf(pages, position, head, value)));
}

function expectStored(pages: Pages, sequence: Sequence): void {
  const D = sequence.headSize;
  let wrong = 0;
  for (let head = 0; head < sequence.heads; head++) {
    for (let kind = 1; kind <= 2; kind++) {
      const expected = stored(pages.format, sequence.columns(kind, head), D);
      for (let i = 0; i < expected.length; i++) {
        if (numberOf(pages, i / D, head, i % D, kind == 2) != expected[i]) wrong++;
      }
    }
  }
  expect<i32>(wrong).toBe(0, formatName(pages.format) + ', ' + sequence.name);
  pages.expectInside(sequence.name);
}

describe('pages of keys and values', () => {
  it('hold keys in panels of positions and values in panels of channels', () => {
    seed(1);
    for (let i = 0; i < HEAD_SIZES.length; i++) {
      const sequence = Sequence.random(150, 2, HEAD_SIZES[i]);
      for (let f = 0; f < FORMATS.length; f++) {
        const pages = sequence.pages(FORMATS[f]);
        pages.store(sequence, 0, 17);
        pages.store(sequence, 17, 1);
        pages.store(sequence, 18, 132);
        expectStored(pages, sequence);
      }
    }
  });

  it('have the same bytes whether positions are stored one by one or together', () => {
    seed(2);
    for (let i = 0; i < HEAD_SIZES.length; i++) {
      const sequence = Sequence.random(150, 2, HEAD_SIZES[i]);
      for (let f = 0; f < FORMATS.length; f++) {
        const together = sequence.pages(FORMATS[f]);
        together.store(sequence, 0, 150);
        const single = sequence.pages(FORMATS[f]);
        for (let position = 0; position < 150; position++) single.store(sequence, position, 1);
        for (let page = 0; page < 2; page++) {
          expectSameBits(single.memory[page], together.memory[page], formatName(FORMATS[f]));
        }
      }
    }
  });

  it('are written only at the positions given', () => {
    seed(3);
    const sequence = Sequence.random(PAGE, 2, 19);
    for (let f = 0; f < FORMATS.length; f++) {
      const format = FORMATS[f];
      const pages = sequence.pages(format);
      const before = sequence.pages(format);
      before.store(Sequence.random(PAGE, 2, 19), 0, PAGE);
      memory.copy(pages.part(0, 0), before.part(0, 0), pagePartBytes(format, 19) * 2);
      pages.store(sequence, 15, 3);
      let wrong = 0;
      for (let i = 0; i < PAGE * 2 * 19 * 2; i++) {
        const position = i % PAGE;
        const head = (i / PAGE) % 2;
        const channel = (i / PAGE / 2) % 19;
        const value = i >= PAGE * 2 * 19;
        if (position >= 15 && position < 18) continue;
        const bits = bitsOf(pages, position, head, channel, value);
        if (bits != bitsOf(before, position, head, channel, value)) wrong++;
        if (format != KV_Q8) continue;
        if (scaleOf(pages, position, head, value) != scaleOf(before, position, head, value)) wrong++;
      }
      expect<i32>(wrong).toBe(0, formatName(format));
    }
  });

  it('hold numbers of every size, the largest possible for all above', () => {
    const magnitudes: f32[] = [0, 1e-40, 1e-9, 3e-6, 1, 60000, 1e6, 8e6, 1e9, 1e30];
    for (let i = 0; i < magnitudes.length; i++) {
      seed(4 + i);
      const sequence = Sequence.random(20, 1, 20, magnitudes[i]);
      for (let f = 0; f < FORMATS.length; f++) {
        const pages = sequence.pages(FORMATS[f]);
        pages.store(sequence, 0, 20);
        expectStored(pages, sequence);
      }
    }
    const infinite = Sequence.random(1, 1, 4);
    for (let i = 0; i < 12; i++) infinite.qkv.set(0, i, i & 1 ? Infinity : -Infinity);
    const halves = infinite.pages(KV_F16);
    halves.store(infinite, 0, 1);
    expect<f32>(numberOf(halves, 0, 0, 1, true)).toBe(65504);
    const bytes = infinite.pages(KV_Q8);
    bytes.store(infinite, 0, 1);
    expect<f32>(numberOf(bytes, 0, 0, 1, true)).toBe(65504 * 127);
    expect<f32>(numberOf(bytes, 0, 0, 2, false)).toBe(-65504 * 127);
  });

  it('of 124M take 4.72 MB in f16 and 2.45 MB in q8', () => {
    expect<i32>(144 * pagePartBytes(KV_F16, 64)).toBeLessThan(4720000);
    expect<i32>(144 * pagePartBytes(KV_Q8, 64)).toBeLessThan(2450000);
    for (let headSize = 1; headSize <= 512; headSize++) {
      for (let f = 0; f < FORMATS.length; f++) expect<i32>(pagePartBytes(FORMATS[f], headSize) & 15).toBe(0);
    }
  });
});
