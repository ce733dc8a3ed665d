import { parquetMetadata } from 'hyparquet/src/index.js';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readParquet } from '../../../../src/examine/evaluation/data/parquet.js';
import { COMPRESSORS } from '../../../../src/examine/evaluation/data/parquet_compressors.js';
import { pageChecker } from '../../../../src/examine/evaluation/data/parquet_pages.js';
import { checkThrift } from '../../../../src/examine/evaluation/data/parquet_thrift.js';
import { freshSeed } from '../../../support/property.js';
import { randomSource } from '../../../support/random.js';
import { thrown } from '../../../support/thrown.js';

const read = (bytes: Uint8Array) =>
  readParquet(
    { name: 'quiz', byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) },
    Number.POSITIVE_INFINITY,
  );

const written = (columnData: ColumnSource[], more: object = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...more }));

test('columns of all encodings, with and without missing values, are read', async () => {
  const random = randomSource(freshSeed('columns of Parquet'));
  for (let round = 0; round < 15; round++) {
    const rows = 1 + random.below(random.pick([3, 40, 600]));
    const kinds = 1 + random.below(5);
    const value = () => `value ${random.below(kinds)}`;
    const maybe = <T>(make: () => T) => (random.below(3) === 0 ? null : make());
    const list = <T>(make: () => T) => Array.from({ length: rows }, make);
    const columns: Record<string, unknown[]> = {
      text: list(value),
      gaps: list(() => maybe(value)),
      flag: list(() => random.below(2) === 1),
      flags: list(() => maybe(() => random.below(9) > 0)),
      number: list(() => random.below(1000)),
      lists: list(() => Array.from({ length: random.below(4) }, () => random.below(kinds))),
    };
    const bytes = written(
      [
        {
          name: 'text',
          data: columns.text!,
          type: 'STRING',
          encoding: random.pick(['RLE_DICTIONARY', 'PLAIN']),
        },
        { name: 'gaps', data: columns.gaps!, type: 'STRING', nullable: true },
        { name: 'flag', data: columns.flag!, type: 'BOOLEAN', encoding: random.pick(['RLE', 'PLAIN']) },
        { name: 'flags', data: columns.flags!, type: 'BOOLEAN', nullable: true },
        {
          name: 'number',
          data: columns.number!,
          type: 'INT32',
          encoding: random.pick(['DELTA_BINARY_PACKED', 'PLAIN']),
        },
        { name: 'lists', data: columns.lists!, type: 'JSON' },
      ],
      {
        codec: random.pick(['SNAPPY', 'UNCOMPRESSED']),
        rowGroupSize: random.pick([10, 1000]),
        pageSize: 200,
      },
    );
    const names = Object.keys(columns);
    const expected = Array.from({ length: rows }, (_, i) =>
      Object.fromEntries(names.map((name) => [name, columns[name]![i]])),
    );
    assert.equal(await read(bytes), expected);
  }
});

test('numbers that JSON cannot hold are null', async () => {
  const { NaN: none, POSITIVE_INFINITY: infinity } = Number;
  const data = [1.5, none, -infinity, -0];
  const bytes = written([
    { name: 'number', data, type: 'DOUBLE' },
    { name: 'same', data: new Float64Array(data), type: 'DOUBLE' },
  ]);
  const rows = [1.5, null, null, -0].map((number) => ({ number, same: number }));
  assert.equal(await read(bytes), rows);
});

/** Writes a number as bytes of seven bits. */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];

test('a run that claims more values than its page is refused at once', async () => {
  const data = [...Array.from({ length: 500 }, () => 'the same'), 'another'];
  const bytes = written([{ name: 'a', data, type: 'STRING', encoding: 'RLE_DICTIONARY' }], {
    codec: 'UNCOMPRESSED',
  });
  assert.is((await read(bytes)).length, 501);
  // The indices: their width, then a run of 500 zeros.
  const run = [1, ...varint(500 * 2), 0];
  const at = bytes.findIndex((_, i) => run.every((byte, j) => bytes[i + j] === byte));
  assert.ok(at > 0);
  const claims = (count: number) => {
    const damaged = bytes.slice();
    damaged.set([...varint(count * 2), 0].slice(0, run.length - 1), at + 1);
    return damaged;
  };
  await thrown(() => read(claims(8000)), 'invalid-file', /a page of 501 values has a run of 8000/);
});

test('a file of very many columns is refused, since the work grows as their square', async () => {
  const wide = (count: number) =>
    written(Array.from({ length: count }, (_, i) => ({ name: `c${i}`, data: [i], type: 'INT32' })));
  assert.is(Object.keys((await read(wide(300)))[0]!).length, 300);
  await thrown(() => read(wide(1001)), 'invalid-file', /it has 1001 columns; at most 1000 are read/);
});

test('rows and values that a run of a few bytes stands for are refused if they would fill the memory', async () => {
  const rows = (count: number) => [
    { name: 'a', data: Array<string>(count).fill('same'), type: 'STRING' as const },
  ];
  assert.is((await read(written(rows(50_000)))).length, 50_000);
  await thrown(() => read(written(rows(100_000))), 'invalid-file', /it has 200000 rows and values/);
});

const REFUSED: readonly (readonly [what: string, act: () => unknown, message: RegExp])[] = [
  [
    'a literal of Snappy that leads back',
    () => COMPRESSORS.SNAPPY!(Uint8Array.of(8, 0xfc, 0xf9, 0xff, 0xff, 0xff, 0, 1, 2, 3, 4), 8),
    /a page of 11 bytes has a literal of 4294967290/,
  ],
  [
    'a page in Snappy of a size that it cannot have',
    () => COMPRESSORS.SNAPPY!(new Uint8Array(10), 221),
    /a page of 10 bytes in SNAPPY claims 221 bytes/,
  ],
  [
    'a page in GZIP of a size that it cannot have',
    () => COMPRESSORS.GZIP!(new Uint8Array(10), 1e9),
    /a page of 10 bytes in GZIP claims 1000000000 bytes/,
  ],
  [
    'a list of more items than bytes',
    // Field 1 is a list of 2^28 - 1 structs.
    () => checkThrift(viewOf(0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f, 0), 0),
    /a list of 1 bytes claims 268435455 items/,
  ],
  [
    'an integer without end',
    () => checkThrift(viewOf(0x16, ...Array<number>(11).fill(0x80), 0), 0),
    /more than 10 bytes/,
  ],
  [
    'structs in structs without end',
    () => checkThrift(viewOf(...Array<number>(100).fill(0x1c)), 0),
    /more than 32 deep/,
  ],
];

const viewOf = (...bytes: number[]) => new DataView(Uint8Array.from(bytes).buffer);

for (const [what, act, message] of REFUSED) test(`${what} is refused`, () => assert.throws(act, message));

test('a page with a wrong count is refused, also if the file says that its dictionary begins at 0', async () => {
  const bytes = written([{ name: 'a', data: ['one', 'two', 'one'], type: 'STRING', encoding: 'PLAIN' }], {
    codec: 'UNCOMPRESSED',
  });
  const metadata = parquetMetadata(bytes.slice().buffer);
  const { meta_data: meta } = metadata.row_groups[0]!.columns[0]!;
  const check = pageChecker(
    {
      ...metadata,
      row_groups: [
        {
          ...metadata.row_groups[0]!,
          num_rows: 2n,
          columns: [{ file_offset: 0n, meta_data: { ...meta!, dictionary_page_offset: 0n } }],
        },
      ],
    },
    COMPRESSORS,
    bytes.length,
  );
  assert.throws(() => check(bytes.slice().buffer, 0), /a page claims 3 values or bytes; it can have 2/);
});

test.run();
