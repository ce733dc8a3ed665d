import { gzipSync, zipSync } from 'fflate';
import { Gpt2Error } from '../../../src/base/errors.js';
import { COMPRESSORS } from '../../../src/examine/evaluation/data/parquet_compressors.js';
import { unzip } from '../../../src/playground/model/zip.js';
import { blobDataFile } from '../../../src/train/data/blob_data_file.js';
import type { Target } from '../target.js';

/** Most bytes that are read of training data. */
const MOST_READ = 2 ** 22;

const READERS: readonly ((bytes: Uint8Array<ArrayBuffer>) => unknown)[] = [
  (bytes) => unzip(new File([bytes], 'model.zip')),
  async (bytes) => {
    let read = 0;
    for await (const chunk of blobDataFile(new File([bytes], 'data.txt.gz')).read()) {
      read += chunk.length;
      if (read > MOST_READ) return;
    }
  },
  (bytes) => page('GZIP', bytes),
  (bytes) => page('SNAPPY', bytes),
];

/** A page of Parquet: the size that it claims, and its bytes. */
function page(codec: 'GZIP' | 'SNAPPY', bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length < 4) return;
  try {
    COMPRESSORS[codec]!(bytes.subarray(4), new DataView(bytes.buffer).getUint32(0, true));
  } catch (cause) {
    // The reader of the file makes an error of each.
    throw new Gpt2Error('invalid-file', 'the page is damaged', { cause });
  }
}

const joined = (reader: number, ...parts: ArrayLike<number>[]) =>
  Uint8Array.from([reader, ...parts.flatMap((part) => [...Array.from(part)])]);

const zeros = new Uint8Array(30_000);
const text = new TextEncoder().encode('Once upon a time there was a dog. '.repeat(20));

/** Compressed files, also those that claim or stand for far more bytes than they have: the first byte says which reader. */
export const ARCHIVES: Target = {
  ...{
    name: 'archives',
    kind: 'bytes',
    words: ['PK\u0001\u0002', 'PK\u0003\u0004', 'PK\u0005\u0006', '\u001f\ufffd'],
  },
  // A compressed byte becomes at most 1,032, and they are copied once.
  mostBytes: (length) => 2 ** 25 + 2 * 1032 * length,
  seeds: () => [
    joined(0, zipSync({ 'm/config.json': text, 'm/zeros': zeros, 'm/plain': [text, { level: 0 }] })),
    joined(1, gzipSync(text)),
    joined(1, gzipSync(zeros)),
    joined(2, [0x30, 0x75, 0, 0], gzipSync(zeros)),
    joined(3, [8, 0, 0, 0], [8, 0x1c, 1, 2, 3, 4, 5, 6, 7, 8]),
    joined(3, [68, 0, 0, 0], [68, 0x0c, 1, 2, 3, 4, 0xfe, 4, 0]),
  ],
  read: (input) => READERS[(input[0] ?? 0) % READERS.length]!(new Uint8Array(input.subarray(1))),
};
