import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wholeTexts } from '../../../src/cli/inputs/placed_texts.js';
import { readBytes, wholeOf } from '../../../src/cli/inputs/read_bytes.js';
import type { DocumentPart } from '../../../src/files/data_file.js';
import { thrown } from '../../support/thrown.js';

async function* endless<T>(item: T): AsyncGenerator<T> {
  for (;;) yield item;
}

test('what has no end is refused when it is longer than what is read as a whole', async () => {
  const chunk = new Uint8Array(10);
  const refused = 'stdin has more than 25 bytes';
  await thrown(() => wholeOf(endless(chunk), 'stdin', 25), 'invalid-file', refused);
  assert.is(
    (
      await wholeOf(
        (async function* () {
          yield chunk;
          yield chunk;
        })(),
        'stdin',
        20,
      )
    ).length,
    20,
  );
});

test('a text that grows without end is refused with its place', async () => {
  const part = { file: 'a.txt', line: 3, prompt: '', text: 'a'.repeat(2 ** 24), last: false } as DocumentPart;
  const read = async () => {
    for await (const _ of wholeTexts(endless(part)));
  };
  await thrown(read, 'invalid-file', 'a.txt line 3 begins a text of more than 268435456 characters');
});

test('an empty path can be seen in the message', async () => {
  const read = () => readBytes('', new AbortController().signal);
  await thrown(read, 'not-found', '"" cannot be read');
});

test.run();
