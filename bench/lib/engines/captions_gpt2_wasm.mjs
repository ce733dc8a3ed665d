import { testPixels } from '../captions/pixels.mjs';
import { timed } from '../captions/timed.mjs';
import { Clock } from './clock.mjs';

/** gpt2-wasm's captioner through its public API, in Node and in a page alike. */
export async function loadWasmCaptioner(loadCaptioner, source, { picture, config, build, weights, threads }) {
  const captioner = await loadCaptioner(source, { build, weights, threads, cache: false });
  const { runtime } = captioner;
  if (runtime.threads !== threads)
    throw new Error(`it runs on ${runtime.threads} threads: ${runtime.threadsReason}`);

  return {
    runtime,
    pixels: () => timed(() => captioner.pixels(picture)),
    encode(seed) {
      const pixels = testPixels(config.encoder, seed);
      return timed(() => captioner.encode(pixels));
    },
    async caption({ seed, count }) {
      const pixels = testPixels(config.encoder, seed);
      const clock = new Clock();
      const stream = captioner.stream(pixels, { ignoreEos: true, maxTokens: count });
      for await (const { id } of stream) clock.onToken(id);
      return clock.result();
    },
  };
}
