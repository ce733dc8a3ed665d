import { Wllama } from '../../node_modules/wllama-2/esm/index.js';
import { Clock } from './clock.mjs';

const wasm = (build) => new URL(`../../node_modules/wllama-2/esm/${build}/wllama.wasm`, import.meta.url).href;

/** wllama 2: a program asks for each step. */
export async function load({ gguf, threads }) {
  const paths = Object.fromEntries(
    ['single-thread', 'multi-thread'].map((build) => [`${build}/wllama.wasm`, wasm(build)]),
  );
  const wllama = new Wllama(paths, { suppressNativeLog: true });
  const file = await (await fetch(gguf)).blob();
  await wllama.loadModel([file], { n_ctx: 1024, n_batch: 512, n_threads: threads });

  async function generate({ ids }, count) {
    await wllama.kvClear();
    await wllama.samplingInit({ temp: 0 });
    const clock = new Clock();
    let next = ids;
    while (clock.count < count) {
      await wllama.decode(next, {});
      const { token } = await wllama.samplingSample();
      clock.onToken(token);
      next = [token];
    }
    return clock.result();
  }
  return { generate };
}
