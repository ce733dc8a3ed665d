import { compress, decompress, verifyRecord } from '../../../src/examine.js';
import { small } from '../small.js';
import { type Target, text, textOf } from '../target.js';

const session = small.session();
await session.generate('Once upon a time', { maxTokens: 4 });
const savedSession = await session.save();

export const SESSION: Target = {
  ...{ name: 'session', kind: 'bytes' },
  seeds: () => [savedSession],
  async read(input) {
    const restored = await small.restore(input.slice());
    try {
      await restored.generate(' and', { maxTokens: 1 });
    } finally {
      restored.dispose();
    }
  },
};

const packed = await compress(small, 'Once upon a time there was a dog. 1234 \u{1F600}');

export const COMPRESSED: Target = {
  ...{ name: 'compressed', kind: 'bytes' },
  seeds: () => [packed instanceof Uint8Array ? packed : new Uint8Array(packed as never)],
  read: (input) => decompress(small, input.slice(), { signal: AbortSignal.timeout(1500) }),
};

export const RECORD: Target = {
  ...{ name: 'record', kind: 'json' },
  words: ['signature', 'publicKey', 'model', 'options', 'prompt', 'choices', 'maxTokens'],
  seeds: () => [
    text(JSON.stringify({ format: 'gpt2-wasm-record', version: 1, prompt: 'a', options: {}, choices: [] })),
  ],
  read: (input) => verifyRecord(small, textOf(input), { signal: AbortSignal.timeout(1500) }),
};
