import { loadTokenizer } from '../../../build/esm/index.js';
import { loadWasm } from './gpt2_wasm.mjs';

/** The random model comes without one; no other engine's load time has one in it but llama.cpp's. */
const tokenizer = await loadTokenizer(new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url));

export const load = ({ folder, ...options }) => loadWasm(folder, { ...options, tokenizer });
