/** Names of the weight formats in transformers.js. */
export const DTYPES = { f32: 'fp32', q8: 'q8', q4: 'q4' };

/** The name of a model in a folder or below a URL, from where transformers.js is to read it and nowhere else. */
export function localModel(env, folder) {
  const [, parent, name] = /^(.*\/)([^/]+)$/.exec(folder);
  Object.assign(env, { allowLocalModels: true, allowRemoteModels: false, localModelPath: parent });
  Object.assign(env, { useBrowserCache: false, useFSCache: false, useWasmCache: false });
  return name;
}

/** Sets the number of threads of the WASM backend, and the address of its files. */
export function setUpPage(env, threads) {
  const { wasm } = env.backends.onnx;
  wasm.numThreads = threads;
  const runtime = '../../node_modules/@huggingface/transformers/node_modules/onnxruntime-web/dist/';
  wasm.wasmPaths = new URL(runtime, import.meta.url).href;
}

/** Tells a clock of each new token: the first ones that a streamer gets are the prompt. */
export function tokensTo(clock) {
  let isPrompt = true;
  return {
    put([tokens]) {
      if (!isPrompt) clock.onToken(tokens[0]);
      isPrompt = false;
    },
    end() {},
  };
}
