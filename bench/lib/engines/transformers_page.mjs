import {
  AutoModelForCausalLM,
  env,
  Tensor,
} from '../../node_modules/@huggingface/transformers/dist/transformers.js';
import { Clock } from './clock.mjs';
import { DTYPES, localModel, setUpPage, tokensTo } from './transformers.mjs';

/** transformers.js in a page, on its WASM backend. */
export async function load({ folder, weights, threads }) {
  setUpPage(env, threads);
  const model = await AutoModelForCausalLM.from_pretrained(localModel(env, folder), {
    dtype: DTYPES[weights],
    device: 'wasm',
    session_options: { intraOpNumThreads: threads },
  });

  async function generate({ ids }, count) {
    const clock = new Clock();
    const inputs = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const length = { max_new_tokens: count, min_new_tokens: count };
    await model.generate({ inputs, ...length, do_sample: false, streamer: tokensTo(clock) });
    return clock.result();
  }
  return { generate };
}
