import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exampleIds } from '../../../src/playground/choices/example_ids.js';

const ids = suite('token ids of choices');

/** A tokenizer that knows two longer tokens beside letters. */
function encode(text: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = ['time', ' dog'].find((each) => text.startsWith(each, at)) ?? text[at]!;
    found.push(piece.length > 1 ? piece.length + 1000 * piece.charCodeAt(0) : piece.charCodeAt(0));
    at += piece.length;
  }
  return found;
}

ids('texts become tokens without an end; a prompt that ends inside a word gives its last tokens away', () => {
  assert.equal(exampleIds({ prompt: 'a', completion: ' dog', label: true }, encode), {
    ...{ prompt: encode('a'), completion: encode(' dog'), label: true },
  });
  assert.equal(exampleIds({ prompt: 'a ti', chosen: 'me!', rejected: 'n' }, encode), {
    prompt: encode('a '),
    chosen: encode('time!'),
    rejected: encode('tin'),
  });
  assert.equal(exampleIds({ prompt: '', chosen: 'a', rejected: 'b' }, encode), {
    ...{ prompt: [], chosen: encode('a'), rejected: encode('b') },
  });
});

ids.run();
