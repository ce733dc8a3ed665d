import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coalesced, gather, type Strided } from '../../src/checkpoints/gather.js';
import { GatheredAddresses } from '../../src/checkpoints/gathered_source.js';
import { holds } from '../support/property.js';
import { memorySource } from '../support/sources.js';

/** The numbers of a tensor by the definition of strides, from byte `from` on. */
function byDefinition(
  file: Uint8Array,
  { shape, strides, start, bytes, isSwapped, isF64 }: Strided,
): Uint8Array {
  const count = shape.reduce((product, length) => product * length, 1);
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    let at = 0;
    for (let d = shape.length - 1, rest = i; d >= 0; rest = Math.floor(rest / shape[d]!), d--) {
      at += (rest % shape[d]!) * strides[d]!;
    }
    const number = [...file.subarray(start + at * bytes, start + (at + 1) * bytes)];
    if (isSwapped) number.reverse();
    if (!isF64) out.push(...number);
    else {
      const value = new DataView(Uint8Array.from(number).buffer).getFloat64(0, true);
      out.push(...new Uint8Array(Float32Array.of(value).buffer));
    }
  }
  return Uint8Array.from(out);
}

const strided = fc
  .record({
    shape: fc.array(fc.nat(6), { maxLength: 4 }),
    strides: fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }),
    order: fc.constantFrom('any', 'rows', 'columns'),
    kind: fc.constantFrom<[1 | 2 | 4 | 8, boolean]>(
      [1, false],
      [2, false],
      [4, false],
      [8, false],
      [8, true],
    ),
    isSwapped: fc.boolean(),
    start: fc.nat(20),
  })
  .map(({ shape, strides, order, kind: [bytes, isF64], isSwapped, start }): Strided => {
    const inOrder = (lengths: readonly number[]) =>
      lengths.map((_, i) => lengths.slice(i + 1).reduce((product, length) => product * length, 1));
    const chosen = {
      any: strides.slice(0, shape.length),
      rows: inOrder(shape),
      columns: inOrder([...shape].reverse()).reverse(),
    }[order];
    // Numbers of eight bytes are read as f64 alone.
    return {
      shape,
      strides: chosen,
      bytes: isF64 ? 8 : (Math.min(bytes, 4) as 1 | 2 | 4),
      isF64,
      isSwapped,
      start,
    };
  });

await holds(
  'gathered numbers are those that strides name, whatever part of them is read',
  fc.tuple(strided, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  async ([numbers, one, other]) => {
    const file = Uint8Array.from({ length: 12_000 }, (_, i) => (i * 131 + (i >> 8) * 17) & 0x7f);
    const all = byDefinition(file, numbers);
    const size = numbers.isF64 ? 4 : numbers.bytes;
    const count = all.length / size;
    const [first, last] = [Math.floor(one * count), Math.floor(other * count)].sort((a, b) => a - b);
    const out = new Uint8Array((last! - first!) * size);
    const read = async (from: number, to: number) => {
      assert.ok(from >= 0 && from < to && to <= file.length, `${from} to ${to}`);
      return file.subarray(from, to);
    };
    await gather({ ...numbers, ...coalesced(numbers) }, first! * size, out, read);
    assert.equal(out, all.subarray(first! * size, last! * size));
  },
  400,
);

test('reads of a large transposed matrix are bounded, and take each byte once for each part', async () => {
  const [rows, columns] = [5000, 300];
  const file = new Uint8Array(new Uint32Array(rows * columns).map((_, i) => i).buffer);
  let read = 0;
  let longest = 0;
  const out = new Uint8Array(1000 * columns * 4);
  const numbers: Strided = {
    ...{ bytes: 4, isSwapped: false, isF64: false, start: 0 },
    ...{ shape: [rows, columns], strides: [1, rows] },
  };
  await gather(numbers, 2000 * columns * 4, out, async (from, to) => {
    read += to - from;
    longest = Math.max(longest, to - from);
    return file.subarray(from, to);
  });
  const numbersOut = new Uint32Array(out.buffer);
  assert.is(numbersOut[0], 2000);
  assert.is(numbersOut[columns + 1], rows + 2001);
  assert.ok(longest <= 2 ** 22, `${longest} bytes at once`);
  assert.is(read, out.length);
});

test('addresses behind the end of a file are read where their numbers are, all others from the file', async () => {
  const file = Uint8Array.from({ length: 16 }, (_, i) => i);
  const addresses = new GatheredAddresses();
  const [path, byteLength] = ['a', 16];
  const numbers: Strided = {
    ...{ bytes: 2, isSwapped: true, isF64: false, start: 4 },
    ...{ shape: [2, 2], strides: [1, 2] },
  };
  const swapped = addresses.add({ path, byteLength }, numbers, 8);
  const zeros = addresses.addZeros({ path, byteLength }, 6);
  let closed = false;
  const source = addresses.in({
    ...memorySource('memory', { a: file }),
    close: async () => {
      closed = true;
    },
  });
  const read = async (start: number, end: number, into?: Uint8Array<ArrayBuffer>) => [
    ...(await source.read('a', start, end, undefined, into)),
  ];
  assert.ok(swapped.start > 16 && zeros.start > swapped.end);
  assert.equal(await read(2, 5), [2, 3, 4]);
  assert.equal(await read(swapped.start, swapped.end), [5, 4, 9, 8, 7, 6, 11, 10]);
  assert.equal(await read(swapped.start + 4, swapped.end, new Uint8Array(64)), [7, 6, 11, 10]);
  assert.equal(await read(zeros.start, zeros.end, new Uint8Array(6).fill(9)), [0, 0, 0, 0, 0, 0]);
  assert.equal(await read(swapped.end, zeros.end), [], 'a read over the end of a region gives nothing');
  await source.close!();
  assert.ok(closed);
  assert.is(source.download, undefined);
});

test.run();
