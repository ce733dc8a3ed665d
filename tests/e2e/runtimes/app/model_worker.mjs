import 'gpt2-wasm/model-worker';
