import { loadModel, loadTokenizer } from '../../../build/web/index.js';
import { loadWasm } from './gpt2_wasm.mjs';

const tokenizer = await loadTokenizer(new URL('/tests/fixtures/gpt2-tokenizer/', location.href), {
  cache: false,
});

export const load = ({ folder, ...options }) =>
  loadWasm(loadModel, new URL(`${folder}/`, location.href), { ...options, tokenizer });
