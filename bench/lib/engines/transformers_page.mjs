import {
  AutoModelForCausalLM,
  env,
  Tensor,
} from '../../node_modules/@huggingface/transformers/dist/transformers.js';
import { Clock } from './clock.mjs';

/** Names of the weight formats in transformers.js. */
const DTYPES = { f32: 'fp32', q8: 'q8', q4: 'q4' };

/** transformers.js in a page, on its WASM backend. */
export async function load({ folder, weights, threads }) {
  const [, parent, name] = /^(.*\/)([^/]+)$/.exec(folder);
  Object.assign(env, { allowLocalModels: true, allowRemoteModels: false, localModelPath: parent });
  Object.assign(env, { useBrowserCache: false, useWasmCache: false });
  const { wasm } = env.backends.onnx;
  wasm.numThreads = threads;
  const runtime = '../../node_modules/@huggingface/transformers/node_modules/onnxruntime-web/dist/';
  wasm.wasmPaths = new URL(runtime, import.meta.url).href;
  const model = await AutoModelForCausalLM.from_pretrained(name, {
    dtype: DTYPES[weights],
    device: 'wasm',
    session_options: { intraOpNumThreads: threads },
  });

  async function generate({ ids }, count) {
    const clock = new Clock();
    let isPrompt = true;
    const streamer = {
      put([tokens]) {
        if (!isPrompt) clock.onToken(tokens[0]);
        isPrompt = false;
      },
      end() {},
    };
    const inputs = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const length = { max_new_tokens: count, min_new_tokens: count };
    await model.generate({ inputs, ...length, do_sample: false, streamer });
    return clock.result();
  }
  return { generate };
}
