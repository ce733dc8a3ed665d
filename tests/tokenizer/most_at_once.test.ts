import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTokenizer } from '../../src/index.js';
import { thrown } from '../support/thrown.js';

const LONG = 'x'.repeat(2 ** 20);

/** Tokenizers that have a token of a million characters: GPT-2's kind, and another. */
const tokenizers = await Promise.all(
  [{ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }, { type: 'Whitespace' }].map(
    (pre_tokenizer) =>
      loadTokenizer({
        'tokenizer.json': new TextEncoder().encode(
          JSON.stringify({
            model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
            added_tokens: [{ id: 2, content: LONG, special: true }],
            pre_tokenizer,
            decoder: { type: 'ByteLevel' },
          }),
        ),
      }),
  ),
);

test('ids of more text than a string can have are refused', async () => {
  const [tokenizer] = tokenizers;
  assert.is(tokenizer!.decode([0, 2]).length, 1 + LONG.length);
  await thrown(() => tokenizer!.decode(new Array(600).fill(2)), 'invalid-option', 'give parts');
});

test('a text of more tokens than an array takes is refused', async () => {
  for (const tokenizer of tokenizers) {
    // Such a text would have hundreds of megabytes.
    const full = Object.assign(Object.create(tokenizer), { encodeUpTo: () => undefined });
    await thrown(() => full.encode('a'), 'invalid-option', 'too long; give parts');
  }
});

test('a piece that is cut at the most tokens leaves no trace in later texts', () => {
  for (const tokenizer of tokenizers) {
    for (const length of [40, 400]) {
      const text = 'ab'.repeat(length);
      assert.is(tokenizer.encodeUpTo(text, length), undefined);
      assert.equal(tokenizer.encode(text), new Array(length).fill([0, 1]).flat());
    }
  }
});

test.run();
