const NAME = { type: 'string', pattern: '^[A-Z][a-z]+$', maxLength: 12 };

/** One format of each kind. */
const FORMATS = [
  { regex: '(?:The|A) \\p{L}+ (?:is|was) (?!big)[a-z]{2,12}\\.' },
  {
    jsonSchema: {
      type: 'object',
      properties: {
        name: NAME,
        age: { type: 'integer', minimum: 1, maximum: 99 },
        friends: { type: 'array', items: NAME },
      },
      required: ['name', 'age', 'friends'],
    },
  },
  { grammar: 'root ::= "(" root ")" | [a-z]+ (" and " [a-z]+)*' },
  { choices: ['a little dog', 'a big red ball', 'her mom'] },
];

/**
 * Generates 64 tokens with the embedded model and a fixed seed, the same in every runtime. `hash` is the
 * SHA-256 of the bits of all their logits and of the log-probabilities reported while sampling.
 * `forms`: short texts with a format of each kind. `compressed`: what `compress` of "gpt2-wasm/examine", which is passed
 * with `decompress`, makes of the text, after it was restored; nothing in the relaxed build. `traced`: the SHA-256 of the
 * bits of a trace with a changed head, in the simd build. `tokensPerSecond` is the best of three further runs. `crypto` is
 * passed for runtimes without it, such as jsdom, and `traceModule` for those that compile or fetch no binary.
 */
export async function tellStory(model, codec, { subtle } = crypto, traceModule = undefined) {
  const options = { maxTokens: 64, temperature: 0.8, topP: 0.95, seed: 2019, ignoreEos: true, logprobs: 0 };
  // Engines start with quickly compiled code and optimize it while it runs.
  const write = () => model.generate('Once upon a time', options);
  const { tokens, text, logprobs } = await write();
  const rates = [];
  for (let repeat = 0; repeat < 3; repeat++) rates.push((await write()).timings.tokensPerSecond);
  const logits = await model.logits(tokens);
  const sampled = Float64Array.from(logprobs, ({ logprob }) => logprob);
  const bits = new Uint8Array(logits.byteLength + sampled.byteLength);
  bits.set(new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
  bits.set(new Uint8Array(sampled.buffer), logits.byteLength);
  const hashOf = async (bytes) => hex(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  const hash = await hashOf(bits);
  const forms = [];
  for (const format of FORMATS) {
    forms.push((await model.generate('Lily saw ', { format, maxTokens: 40, seed: 5 })).text);
  }
  const { build, threads } = model.runtime;
  const compressed = build === 'simd' ? await compressedText(model, codec, text) : '';
  const numbers = await traceOf(model, traceModule);
  const traced = build === 'simd' ? await hashOf(numbers) : '';
  return {
    text,
    tokens,
    hash,
    forms,
    compressed,
    traced,
    build,
    threads,
    tokensPerSecond: Math.max(...rates),
  };
}

/** Numbers of all layers and logits of a text, with a changed head. */
async function traceOf(model, module) {
  const read = ['blocks.*.hook_resid_post', 'blocks.*.attn.hook_pattern'];
  const edit = [{ hook: 'blocks.1.attn.hook_z', heads: [2], op: 'scale', value: 0.5 }];
  const { values, logits } = await model.trace('Lily saw a big dog.', { read, edit, module });
  const parts = [...Object.values(values), logits].map(({ data }) => data);
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), end);
    end += byteLength;
  }
  return bytes;
}

/** The text and bytes that are no text, compressed, in hexadecimal digits. Throws if it is not restored. */
async function compressedText(model, { compress, decompress }, text) {
  const bytes = new Uint8Array([...new TextEncoder().encode(text), 0xff, 0, 0xfe]);
  const file = await compress(model, bytes);
  const restored = await decompress(model, file);
  if (hex(restored) !== hex(bytes)) throw new Error('the compressed text was not restored');
  return hex(file);
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
