import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_HEADER_BYTES, readSafetensorsHeader } from '../../../src/checkpoints/safetensors/read.js';
import type { ModelSource } from '../../../src/files/source.js';
import { memorySource } from '../../support/sources.js';
import { fixture, type Header, join, rejects, split } from '../support.js';

const read = (file: Uint8Array) =>
  readSafetensorsHeader(memorySource('mem', { 'a.safetensors': file }), {
    path: 'a.safetensors',
    byteLength: file.length,
  });
const invalid = (file: Uint8Array, ...patterns: RegExp[]) =>
  rejects(read(file), 'invalid-file', /a\.safetensors of mem/, ...patterns);

/** Two tensors of 8 and 4 bytes. */
const TWO: Header = {
  a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  b: { dtype: 'F16', shape: [1, 2], data_offsets: [8, 12] },
};
const DATA = Uint8Array.from({ length: 12 }, (_, i) => i);
const withB = (fields: Record<string, unknown>) => join({ ...TWO, b: { ...TWO.b, ...fields } }, DATA);

/** A source of one file that claims to be `byteLength` long and starts with `start`. */
function claimed(byteLength: number, start: Uint8Array): ModelSource & { largest: number } {
  return {
    name: 'mem',
    largest: 0,
    list: async () => [{ path: 'a.safetensors', byteLength }],
    async read(_path, from, to) {
      this.largest = Math.max(this.largest, to - from);
      const bytes = new Uint8Array(to - from);
      bytes.set(start.subarray(from, to));
      return bytes;
    },
  };
}

test('gives every tensor with its place in the file', async () => {
  const file = join({ __metadata__: { format: 'pt' }, b: TWO.b, a: TWO.a }, DATA);
  const dataStart = file.length - 12;
  assert.equal(await read(file), [
    {
      name: 'a',
      file: 'a.safetensors',
      dtype: 'F32',
      shape: [2],
      start: dataStart,
      end: dataStart + 8,
    },
    {
      name: 'b',
      file: 'a.safetensors',
      dtype: 'F16',
      shape: [1, 2],
      start: dataStart + 8,
      end: dataStart + 12,
    },
  ]);
});

test('reads scalars, empty tensors, trailing spaces in the header and every dtype', async () => {
  const header: Record<string, unknown> = { empty: { dtype: 'F32', shape: [0, 7], data_offsets: [0, 0] } };
  let at = 0;
  const sizes: Record<string, number> = {
    ...{ BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
    ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
  };
  for (const [dtype, size] of Object.entries(sizes)) {
    header[dtype] = { dtype, shape: [], data_offsets: [at, at + size] };
    at += size;
  }
  header.F4 = { dtype: 'F4', shape: [3, 2], data_offsets: [at, at + 3] };
  const tensors = await read(join(`${JSON.stringify(header)}   `, new Uint8Array(at + 3)));
  assert.is(tensors.length, 17);
});

test('a header longer than the first read is read whole', async () => {
  const header: Header = {};
  for (let i = 0; i < 3000; i++) header[`t${i}`] = { dtype: 'U8', shape: [1], data_offsets: [i, i + 1] };
  const file = join(header, new Uint8Array(3000));
  assert.ok(file.length > 2 * 65_536);
  const tensors = await read(file);
  assert.equal(
    tensors.map((tensor) => tensor.name),
    Object.keys(header),
  );
});

test('a file shorter than the header length', async () => {
  await invalid(new Uint8Array(0), /0 bytes/);
  await invalid(new Uint8Array(7), /7 bytes/);
});

test('a header longer than the file', async () => {
  const file = join(TWO, DATA);
  const length = file.length;
  for (const announced of [length - 7, 2 ** 32, 2 ** 53, 2 ** 63]) {
    new DataView(file.buffer).setBigUint64(0, BigInt(announced), true);
    await invalid(file, /announces a header of \d+ bytes/, new RegExp(`only ${length}`));
  }
});

test('a header over 100 MB is refused without reading it', async () => {
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES + 1), true);
  const source = claimed(2 ** 40, start);
  await rejects(
    readSafetensorsHeader(source, { path: 'a.safetensors', byteLength: 2 ** 40 }),
    'invalid-file',
    /header of 100000001 bytes/,
    /at most 100000000/,
  );
  assert.ok(source.largest <= 65_536);
});

test('a truncated file', async () => {
  const file = join(TWO, DATA);
  await invalid(file.subarray(0, -1), /tensor "b"/, new RegExp(`ends at byte ${file.length}`), /cut off/);
  const base = fixture('base')['model.safetensors']!;
  for (const length of [9, 100, 3000, 3592, 4000, base.length - 1]) await invalid(base.subarray(0, length));
});

test('a file that is shorter than its source said', async () => {
  const file = join(TWO, DATA);
  const source = memorySource('mem', { 'a.safetensors': file.subarray(0, 20) });
  await rejects(
    readSafetensorsHeader(source, { path: 'a.safetensors', byteLength: file.length }),
    'invalid-file',
    /gave 20 bytes/,
  );
});

test('bytes after the last tensor', async () => {
  await invalid(join(TWO, new Uint8Array(13)), /bytes \d+ to \d+ .*belong to no tensor/);
});

test('a gap between tensors', async () => {
  const header = { ...TWO, b: { ...TWO.b, data_offsets: [10, 14] } };
  await invalid(join(header, new Uint8Array(14)), /tensor "b"/, /belong to no tensor/);
});

test('overlapping offsets', async () => {
  await invalid(withB({ data_offsets: [4, 8] }), /tensor "b" .*overlaps tensor "a"/);
  await invalid(withB({ data_offsets: [0, 4] }), /overlaps/);
});

test('out-of-range offsets', async () => {
  await invalid(withB({ data_offsets: [12, 16] }), /tensor "b"/, /but the file has/);
  await invalid(withB({ data_offsets: [2 ** 52, 2 ** 52 + 4] }), /but the file has/);
});

test('offsets that are no two increasing whole numbers', async () => {
  for (const data_offsets of [
    [12, 8],
    [-4, 0],
    [8.5, 12.5],
    [8],
    [8, 12, 16],
    '8',
    null,
    [2 ** 53, 2 ** 53 + 4],
  ]) {
    await invalid(withB({ data_offsets }), /tensor "b" .*data_offsets/);
  }
});

test('offsets that do not match the shape', async () => {
  await invalid(withB({ shape: [1, 3] }), /tensor "b" .*has 4 bytes .*\[1,3\] of F16 takes 6/);
  await invalid(withB({ dtype: 'F32' }), /of F32 takes 8/);
  await invalid(withB({ dtype: 'F4', shape: [7] }), /takes 3\.5/);
});

test('a shape that is no list of whole numbers', async () => {
  for (const shape of [[-1, -2], [1.5], ['2'], 2, null, { 0: 2 }, [2 ** 60], [null]]) {
    await invalid(withB({ shape }), /tensor "b" .*has shape/);
  }
});

test('a shape whose product overflows', async () => {
  await invalid(withB({ shape: [2 ** 32, 2 ** 32] }), /too large/);
  await invalid(withB({ shape: [2 ** 31, 2 ** 31, 2 ** 31, 0] }), /too large/);
});

test('an unknown dtype', async () => {
  await invalid(withB({ dtype: 'Q4_0' }), /"Q4_0"/, /F32/);
  await invalid(withB({ dtype: 7 }), /dtype 7/);
});

test('a tensor without a description', async () => {
  await invalid(join({ ...TWO, b: 3 }, DATA), /tensor "b"/);
  await invalid(join({ ...TWO, b: {} }, DATA), /tensor "b"/);
});

test('duplicate tensor: a JSON key that stands twice in the header', async () => {
  const text = JSON.stringify(TWO);
  await invalid(join(`${text.slice(0, -1)},"a":${JSON.stringify(TWO.a)}}`, DATA), /key "a" stands twice/);
  await invalid(join(text.replace('"shape":[2]', '"shape":[2],"shape":[2]'), DATA), /key "shape"/);
});

test('invalid JSON in the header', async () => {
  await invalid(join(JSON.stringify(TWO).slice(0, -1), DATA), /not valid JSON: .*column \d+/);
  await invalid(join('[]', DATA), /must be a JSON object/);
  const file = join(TWO, DATA);
  file[10] = 0xff;
  await invalid(file, /UTF-8/);
});

test('metadata that maps names to anything but strings', async () => {
  for (const __metadata__ of [{ format: 1 }, [], 'pt', null]) {
    await invalid(join({ ...TWO, __metadata__ }, DATA), /__metadata__/);
  }
});

test('every cut and every flipped bit of a header ends in tensors or in invalid-file', async () => {
  const { header, data } = split(fixture('one-layer-one-head')['model.safetensors']!);
  const file = join(header, data);
  for (let at = 0; at < file.length - data.length; at += 3) {
    const damaged = file.slice();
    damaged[at]! ^= 1 << (at % 8);
    await read(damaged).catch((error) => assert.is(error.code, 'invalid-file', error.stack));
    await invalid(file.subarray(0, at));
  }
});

test.run();
