import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readText, TextReader } from '../../../src/playground/document/text_files.js';

const test = suite('files of text');

const file = (...bytes: (string | Uint8Array<ArrayBuffer>)[]) => new File(bytes, 'a.txt');

test('UTF-8, UTF-16 of both orders and Windows-1252 are read, with line feeds', async () => {
  const words = 'na\u00efve \u2013 \u20ac\r\nb\rc';
  const lines = 'na\u00efve \u2013 \u20ac\nb\nc';
  const little = Uint8Array.from(Buffer.from(`\ufeff${words}`, 'utf16le'));
  const big = Uint8Array.from(Buffer.from(little).swap16());
  for (const bytes of [words, `\ufeff${words}`, little, big]) {
    assert.is(await readText(file(bytes)), lines);
  }
  assert.is(await readText(file(Uint8Array.from(Buffer.from('na\u00efve\r', 'latin1')))), 'na\u00efve\n');
  assert.is(await readText(file()), '');
});

test('a file that is no text is refused by its name', async () => {
  await readText(file(Uint8Array.of(65, 0, 66))).then(assert.unreachable, (error) =>
    assert.match(error.message, 'a.txt is not a text file: it has zero bytes'),
  );
});

test('of files that are opened one after the other, only the last one is shown', async () => {
  const reader = new TextReader();
  let finish!: (bytes: ArrayBuffer) => void;
  const bytes = new Promise<ArrayBuffer>((resolve) => {
    finish = resolve;
  });
  const first = reader.read(Object.assign(file('slow'), { arrayBuffer: () => bytes }));
  assert.is(await reader.read(file('fast')), 'fast');
  finish(await file('slow').arrayBuffer());
  assert.is(await first, undefined);
  assert.is(await reader.read(file('next')), 'next');
});

test.run();
