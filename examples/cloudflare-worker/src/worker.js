import { loadModel } from 'gpt2-wasm';
import core from 'gpt2-wasm/wasm/simd.wasm';
import { r2Source } from './r2_source.js';

/**
 * Bytes of WebAssembly memory: GPT-2 124M in q4 takes 81 MB, and a text of 1,024 positions 20 MB. JavaScript takes up to
 * 25 of the 128 MB of an isolate.
 */
const MAX_MEMORY = 101e6;
const MAX_BODY_BYTES = 16_384;

/** Loaded by the first request of an isolate and kept for the next ones. */
let model;
/** Two long texts would have no room beside each other. */
let busy = false;

export default {
  async fetch(request, env, context) {
    if (request.method !== 'POST') return failure(405, 'send a POST request', { allow: 'POST' });
    if (!(Number(request.headers.get('content-length') ?? Infinity) <= MAX_BODY_BYTES)) {
      return failure(413, `the body needs a content-length of at most ${MAX_BODY_BYTES}`);
    }
    const { prompt, ...options } = (await request.json().catch(() => undefined)) ?? {};
    if (typeof prompt !== 'string') return failure(400, 'the body must be JSON with a prompt');
    if ((options.n ?? 1) !== 1) return failure(400, 'there is memory for one text: n must be 1');
    if (busy) return failure(503, 'another text is being written', { 'retry-after': '2' });
    busy = true;
    const answer = begin(env, prompt, options);
    // Continues if the client leaves: the text under way must end, so that the next request can begin.
    context.waitUntil(answer.then(({ written }) => written));
    return (await answer).response;
  },
};

/** The response, whose status depends on the first token, and a promise that settles when it is written. */
async function begin(env, prompt, options) {
  try {
    model ??= await loadModel(r2Source(env.MODELS, env.MODEL), {
      module: core,
      weights: 'q4',
      maxMemory: MAX_MEMORY,
    });
    const tokens = model.stream(prompt, options);
    const first = await tokens.next();
    const { readable, writable } = new TransformStream();
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
    return { response: new Response(readable, { headers }), written: write(tokens, first, writable) };
  } catch (error) {
    busy = false;
    const isWrong = ['invalid-option', 'context-full'].includes(error.code);
    return { response: failure(isWrong ? 400 : 500, error.message) };
  }
}

/** Server-sent events: pieces of the text, then the reason of its end. */
async function write(tokens, first, writable) {
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const send = (event, data) =>
    writer.write(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  try {
    for (let step = first; !step.done; step = await tokens.next()) {
      if (step.value.text !== '') await send('text', step.value.text);
    }
    const { finishReason, seed, usage } = await tokens.completion;
    await send('end', { finishReason, seed, usage, memoryBytes: model.runtime.memoryBytes });
    await writer.close();
  } catch {
    // The client has left.
  } finally {
    await tokens.return();
    busy = false;
  }
}

function failure(status, message, headers) {
  return Response.json({ error: { message } }, { status, headers });
}
