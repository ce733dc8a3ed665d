import { canonicalJson } from '../../../src/examine/provenance/canonical_json.js';
import { sign } from '../../../src/examine/provenance/keys.js';
import {
  compress,
  createSigningKey,
  decompress,
  readSteeringVector,
  signGeneration,
  steer,
  steeringVector,
  verifyRecord,
  writeSteeringVector,
} from '../../../src/examine.js';
import { small } from '../small.js';
import { jsonOf, mustBeFinite, type Target, text } from '../target.js';

const session = small.session();
await session.generate('Once upon a time', { maxTokens: 4 });
const savedSession = await session.save();

export const SESSION: Target = {
  ...{ name: 'session', kind: 'bytes' },
  seeds: () => [savedSession],
  async read(input) {
    const restored = await small.restore(input.slice());
    try {
      const { choices } = await restored.generate(' and', { maxTokens: 1, logprobs: 2, minTokens: 1 });
      for (const { logprobs = [] } of choices)
        mustBeFinite(
          logprobs.map(({ logprob }) => logprob),
          'a logprob',
        );
    } finally {
      restored.dispose();
    }
  },
};

const packed = await compress(small, 'Once upon a time there was a dog. 1234 \u{1F600}');

export const COMPRESSED: Target = {
  ...{ name: 'compressed', kind: 'bytes' },
  seeds: () => [packed],
  read: (input) => decompress(small, input.slice(), { signal: AbortSignal.timeout(1500) }),
};

const key = await createSigningKey();
const options = { maxTokens: 3, temperature: 0.7, seed: 1, stop: ['x'] };
const record = await signGeneration(small, await small.generate('A cat', options), {
  prompt: 'A cat',
  options,
  key,
});

/** Records, which are signed again after they were changed: anybody can sign. */
export const RECORD: Target = {
  ...{ name: 'record', kind: 'json' },
  words: [
    'signature',
    'publicKey',
    'model',
    'options',
    'prompt',
    'choices',
    'maxTokens',
    'beams',
    'n',
    'format',
  ],
  seeds: () => [text(JSON.stringify(record)), text(JSON.stringify({ ...record, prompt: [1, 2] }))],
  async read(input) {
    let given = jsonOf(input);
    const { publicKey, signature: _, ...fields } = Object(given) as Partial<typeof record>;
    if (publicKey === key.x)
      given = { ...fields, publicKey, signature: await sign(key, canonicalJson({ ...fields, publicKey })) };
    return verifyRecord(small, JSON.stringify(given), { signal: AbortSignal.timeout(1500) });
  },
};

const vector = await steeringVector(small, { positive: ['A'], negative: ['B'], layer: 0 });
const vectorFile = await writeSteeringVector(vector);

export const STEERING_VECTOR: Target = {
  ...{
    name: 'steering-vector',
    kind: 'bytes',
    words: ['F32', 'shape', 'blocks.0.hook_resid_post', '__metadata__'],
  },
  seeds: () => [vectorFile],
  async read(input) {
    const read = await readSteeringVector(input.slice());
    mustBeFinite(read.vector, 'a number');
    mustBeFinite(await small.logits([1, 2], { edit: [steer(small, read, { strength: 2 })] }), 'a logit');
  },
};
