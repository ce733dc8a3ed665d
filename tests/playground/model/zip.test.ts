import { zipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unzip } from '../../../src/playground/model/zip.js';
import { thrown } from '../../support/thrown.js';

const TEXT = new TextEncoder().encode('a'.repeat(5000));
const archive = (bytes: Uint8Array<ArrayBuffer>) => new File([bytes], 'model.zip');

/** An archive whose directory is changed. */
function changed(change: (directory: DataView) => void): File {
  const bytes = new Uint8Array(zipSync({ 'a.txt': TEXT }));
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  change(new DataView(bytes.buffer, view.getUint32(end + 16, true)));
  return archive(bytes);
}

test('the files of an archive are unpacked', async () => {
  const files = await unzip(
    archive(new Uint8Array(zipSync({ 'm/a.txt': TEXT, 'm/b.txt': [TEXT, { level: 0 }] }))),
  );
  assert.equal([...files.keys()], ['m/a.txt', 'm/b.txt']);
  for (const file of files.values()) assert.equal(new Uint8Array(await file.arrayBuffer()), TEXT);
});

test('an archive that claims more than it can have is refused before room is taken', async () => {
  const words = 'claims more files or bytes than it can have';
  await thrown(
    () => unzip(changed((directory) => directory.setUint32(24, 2 ** 30, true))),
    'invalid-file',
    words,
  );
  await thrown(
    () => unzip(archive(new Uint8Array(zipSync({ 'a.txt': new Uint8Array(2 ** 26) })))),
    'invalid-file',
    words,
  );
  // Directories may overlap, so that one file stands for many.
  const one = new Uint8Array(zipSync({ 'a.txt': TEXT }));
  new DataView(one.buffer).setUint16(one.length - 22 + 8, 60_000, true);
  await thrown(() => unzip(archive(one)), 'invalid-file');
});

test.run();
