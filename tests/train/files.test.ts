import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataFiles } from '../../src/files/folder/data_files.js';
import { folderTarget } from '../../src/files/folder/folder_target.js';
import { blobDataFile } from '../../src/train/data/blob_data_file.js';
import { readDocuments } from '../../src/train/data/read_documents.js';
import { thrown } from '../support/thrown.js';
import { collect } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-files-'));
const bytes = (text: string) => new TextEncoder().encode(text);

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('files, folders and gzip files are read in the order of their names', async () => {
  const data = join(folder, 'data');
  mkdirSync(join(data, 'inner'), { recursive: true });
  writeFileSync(join(data, 'b.txt'), 'two<|endoftext|>three');
  writeFileSync(join(data, 'a.txt.gz'), gzipSync('one'));
  writeFileSync(join(data, 'inner', 'c.JSONL'), '{"text":"four"}');
  writeFileSync(join(data, 'notes.md'), 'five');
  writeFileSync(join(data, 'photo.png'), 'not data');
  const texts = async (...paths: string[]) =>
    (await collect(readDocuments(await dataFiles(paths)))).map(({ text }) => text);
  assert.equal(await texts(data), ['one', 'two', 'three', 'four', 'five']);
  assert.equal(await texts(join(data, 'photo.png'), join(data, 'inner')), ['not data', 'four']);

  symlinkSync(join(data, 'absent'), join(data, 'nowhere.png'));
  const skipped: string[] = [];
  await dataFiles([data, join(data, 'photo.png')], { onSkip: (path) => skipped.push(path) });
  assert.equal(skipped, [join(data, 'photo.png')]);
});

test('files of a page give the same documents as files of a folder', async () => {
  const long = 'word '.repeat(300_000);
  const files = [
    new File(['two<|endoftext|>three'], 'b.txt'),
    new File([gzipSync('{"text":"four"}')], 'c.ndjson.gz'),
    new File([long], 'long'),
  ].map(blobDataFile);
  const read: number[] = [];
  const parts = await collect(readDocuments(files, { onProgress: ({ loaded }) => read.push(loaded) }));
  assert.equal(
    parts.slice(0, 3).map(({ text }) => text),
    ['two', 'three', 'four'],
  );
  const rest = parts.slice(3).map(({ text }) => text);
  assert.is(rest.join(''), long);
  assert.is(
    read.at(-1),
    files.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  assert.equal(
    read,
    [...read].sort((a, b) => a - b),
  );

  const damaged = blobDataFile(new File([gzipSync(long).subarray(0, 900)], 'cut.txt.gz'));
  const error = await thrown(() => collect(readDocuments([damaged])), 'invalid-file');
  assert.match(error.message, 'cut.txt.gz cannot be decompressed');
  const signal = AbortSignal.abort();
  await thrown(() => collect(readDocuments(files, { signal })), 'aborted');
});

test('missing, empty and damaged data are refused by name', async () => {
  const read = async (path: string) => collect(readDocuments(await dataFiles([path])));
  await thrown(() => read(join(folder, 'absent')), 'not-found', 'absent');
  mkdirSync(join(folder, 'empty'));
  await thrown(() => read(join(folder, 'empty')), 'not-found', 'no data files');
  const packed = gzipSync('a text '.repeat(1000));
  writeFileSync(join(folder, 'cut.txt.gz'), packed.subarray(0, packed.length - 9));
  await thrown(() => read(join(folder, 'cut.txt.gz')), 'invalid-file', 'cut.txt.gz', 'decompressed');
  writeFileSync(join(folder, 'plain.txt.gz'), 'no gzip at all');
  await thrown(() => read(join(folder, 'plain.txt.gz')), 'invalid-file', 'plain.txt.gz');
});

test('a new folder appears with all its files at once, and with its parents', async () => {
  const place = join(folder, 'new', 'model');
  const target = folderTarget(place);
  await target.write('a.txt', [bytes('one '), bytes('two')]);
  await target.write('sub/b.txt', [bytes('three')]);
  assert.not.ok(existsSync(place));
  await target.commit();
  assert.is(readFileSync(join(place, 'a.txt'), 'utf8'), 'one two');
  assert.is(readFileSync(join(place, 'sub/b.txt'), 'utf8'), 'three');
  assert.equal(readdirSync(join(folder, 'new')), ['model']);
});

test('files of an old folder are replaced, and others stay', async () => {
  const place = join(folder, 'old');
  mkdirSync(place);
  writeFileSync(join(place, 'a.txt'), 'before');
  writeFileSync(join(place, 'mine.txt'), 'mine');
  writeFileSync(join(place, 'gone.txt'), 'gone');
  const target = folderTarget(place);
  await target.write('a.txt', [bytes('after')]);
  await target.remove('gone.txt');
  await target.remove('absent.txt');
  assert.is(readFileSync(join(place, 'a.txt'), 'utf8'), 'before');
  assert.ok(existsSync(join(place, 'gone.txt')));
  await target.commit();
  assert.is(readFileSync(join(place, 'a.txt'), 'utf8'), 'after');
  await target.write('a.txt', [bytes('again')]);
  await target.remove('mine.txt');
  await target.discard();
  assert.is(readFileSync(join(place, 'a.txt'), 'utf8'), 'after');
  assert.equal(readdirSync(place).sort(), ['a.txt', 'mine.txt']);
});

test('a failure while chunks are made keeps its own error', async () => {
  const target = folderTarget(join(folder, 'failed'));
  const failing = function* () {
    yield bytes('half');
    throw new RangeError('made up');
  };
  const error = await target.write('a.txt', failing()).catch((caught: unknown) => caught);
  assert.instance(error, RangeError);
  await target.discard();
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('failed')),
    [],
  );
});

test('a folder that cannot be written is refused', async () => {
  writeFileSync(join(folder, 'file'), '');
  const target = folderTarget(join(folder, 'file', 'model'));
  await thrown(() => target.write('a.txt', [bytes('a')]), 'storage', 'cannot be written', 'is a file');
});

test.run();
