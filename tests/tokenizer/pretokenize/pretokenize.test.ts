import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pieceEnd } from '../../../src/tokenizer/pretokenize/pretokenize.js';
import { randomSource } from '../../support/random.js';
import { randomText, wellFormed } from '../helpers.js';

const utf8 = new TextEncoder();

function piecesByHand(text: string): string[] {
  const bytes = utf8.encode(text);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = pieceEnd(bytes, start, bytes.length);
    if (end <= start) throw new Error(`no progress at byte ${start} of ${JSON.stringify(text)}`);
    pieces.push(decoder.decode(bytes.subarray(start, end)));
    start = end;
  }
  return pieces;
}

function piecesByPattern(text: string): string[] {
  const pattern =
    /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
  return text.match(pattern) ?? [];
}

test('random Unicode text splits as the pattern says', () => {
  const random = randomSource(1);
  for (let i = 0; i < 5000; i++) {
    const text = wellFormed(randomText(random, 60));
    assert.equal(piecesByHand(text), piecesByPattern(text), JSON.stringify(text));
  }
});

test('every code point has the class that the pattern gives it', () => {
  for (let block = 0; block <= 0x10ff; block++) {
    if (block >= 0xd8 && block <= 0xdf) continue;
    // With a letter before and a digit after it, a character of each class splits differently.
    let text = '';
    for (let i = 0; i < 256; i++) text += `a${String.fromCodePoint(block * 256 + i)}1`;
    const [hand, pattern] = [piecesByHand(text), piecesByPattern(text)];
    if (hand.join('|') !== pattern.join('|')) assert.equal(hand, pattern, `block ${block.toString(16)}`);
  }
});

for (const text of [
  "'s't're've'm'll'd",
  "it's I'm we're you've he'll she'd",
  "'S 'T don'T '",
  "'l 'r 'v 're'r",
  "x 's x  's",
  'a  b   c',
  'a \n b\n\n c\n',
  'trailing  ',
  '   ',
  ' ',
  '\u00a0\u00a0x',
  'a\u3000 \u3000b',
  'a\u0085b\u0085',
  'a\ufeffb',
  '1\u00b2\u2163x9',
  ' !? !a',
]) {
  test(`splits ${JSON.stringify(text)}`, () => {
    assert.equal(piecesByHand(text), piecesByPattern(text));
  });
}

test.run();
