import { loadModel, loadTokenizer } from '../../../build/esm/index.js';
import { loadWasm } from './gpt2_wasm.mjs';

/** Read before the clock starts: of the other engines, only llama.cpp loads one at all. */
const tokenizer = await loadTokenizer(new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url));

export const load = ({ folder, ...options }) => loadWasm(loadModel, folder, { ...options, tokenizer });
