import { estimateMemory, inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { callsTarget, listOf } from '../calls.js';
import { small, smallFiles } from '../small.js';

/** With a signal that ends what would take long, which the options of an input replace only if they have one. */
const within = (options: unknown) =>
  typeof options === 'object' && options !== null && !Array.isArray(options)
    ? { signal: AbortSignal.timeout(1000), ...options }
    : options;

const SETTINGS = { build: 'simd', threads: 1 };

export const MODEL_CALLS = callsTarget('model-calls', {
  score: [
    (text, options) => small.score(text, within(options) as never),
    [1, 2, 3],
    { start: true, stride: 4 },
  ],
  'score of texts': [(texts) => small.score(texts), ['A cat', 'A dog', [1, 2]]],
  choose: [
    (prompt, choices, options) => small.choose(prompt, choices, within(options) as never),
    ...['A', [' cat', ' dog'], { by: 'bytes' }],
  ],
  loglikelihood: [
    (context, continuation, options) => small.loglikelihood(context, continuation, within(options) as never),
    ...['A cat', ' sat', {}],
  ],
  embed: [
    (text, options) => small.embed(text, within(options) as never),
    'A cat',
    { pooling: 'mean', normalize: true },
  ],
  logits: [(ids, options) => small.logits(ids, options), [1, 2, 3], { inputs: { positions: [0, 1, 2] } }],
  trace: [
    (text, options) => small.trace(text, within(options) as never),
    [1, 2, 3],
    {
      ...{ read: ['hook_embed', 'blocks.0.attn.hook_pattern'], positions: [1, -1], logits: [2] },
      edit: [{ hook: 'blocks.0.attn.hook_z', positions: [0], heads: [1], op: 'scale', value: 2 }],
    },
  ],
  session: [
    async (first, options, length, second) => {
      const session = small.session();
      try {
        await session.append(first);
        await session.generate(second, within(options) as never);
        await session.rewind(length);
        const fork = session.fork();
        fork.dispose();
        return session.tokens;
      } finally {
        session.dispose();
      }
    },
    ...['A cat', { maxTokens: 2 }, 1, ' sat'],
  ],
  encode: [
    (text, options) => small.tokenizer.encode(text, options),
    'A cat<|endoftext|>',
    { allowedSpecial: 'all' },
  ],
  decode: [(ids, options) => small.tokenizer.decode(ids, options), [1, 2, 1023], { skipSpecial: true }],
  tokenize: [(text, options) => small.tokenizer.tokenize(text, options), 'A cat', { allowedSpecial: 'none' }],
  streamDecoder: [
    (ids) => {
      const decoder = small.tokenizer.streamDecoder();
      return (
        listOf(ids)
          .map((id) => decoder.push(id))
          .join('') + decoder.end()
      );
    },
    [1, 2, 200],
  ],
  loadModel: [
    async (options) => (await loadModel({ ...smallFiles }, options)).dispose(),
    {
      ...SETTINGS,
      weights: 'q4',
      kvCache: 'q8',
      contextLength: 8,
      maxMemory: 1e8,
      adapters: [],
      cache: true,
    },
  ],
  loadTokenizer: [(options) => loadTokenizer({ ...smallFiles }, options), { cache: true }],
  inspectModel: [(options) => inspectModel({ ...smallFiles }, options), { weights: 'f32', contextLength: 8 }],
  estimateMemory: [(config, weights) => estimateMemory(config, weights), { ...small.config }, 'q8'],
});
