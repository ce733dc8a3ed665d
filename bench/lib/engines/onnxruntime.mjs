import { Clock } from './clock.mjs';

/** GPT-2's caches: numbers in a head. */
const HEAD = 64;

/**
 * Greedy generation on an ONNX file, as a program on top of onnxruntime does it: the key and value outputs of one
 * run are inputs of the next. `ort` is onnxruntime-node or onnxruntime-web.
 */
export async function loadSession(ort, model, threads) {
  const session = await ort.InferenceSession.create(model, sessionOptions(ort, threads));
  const caches = session.inputNames.filter((name) => name.startsWith('past_key_values.'));
  const heads = caches.length / 2;
  const integers = (values) =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

  async function generate({ ids }, count) {
    const clock = new Clock();
    const feeds = Object.fromEntries(
      caches.map((name) => [name, new ort.Tensor('float32', new Float32Array(), [1, heads, 0, HEAD])]),
    );
    let past = 0;
    let next = ids;
    while (clock.count < count) {
      const total = past + next.length;
      feeds.input_ids = integers(next);
      feeds.position_ids = integers(Array.from(next, (_, i) => past + i));
      feeds.attention_mask = integers(new Array(total).fill(1));
      const results = await session.run(feeds);
      const id = largest(results.logits.data);
      clock.onToken(id);
      for (const name of caches) feeds[name] = results[name.replace('past_key_values', 'present')];
      past = total;
      next = [id];
    }
    return clock.result();
  }
  return { generate };
}

/** Threads of onnxruntime-web, and where its binaries are. */
export function setUpRuntime(ort, threads) {
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url).href;
}

export function sessionOptions(ort, threads) {
  return {
    executionProviders: [ort.env.wasm.wasmPaths === undefined ? 'cpu' : 'wasm'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  };
}

export function largest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}
