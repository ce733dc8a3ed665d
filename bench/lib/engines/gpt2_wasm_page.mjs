import { loadTokenizer } from '../../../build/esm/index.js';
import { loadWasm } from './gpt2_wasm.mjs';

/** A folder of the bench's server: the files of these names that are there, read by ranges. */
async function served(folder, names) {
  const files = [];
  for (const path of names) {
    const response = await fetch(`${folder}/${path}`, { method: 'HEAD' });
    if (response.ok) files.push({ path, byteLength: Number(response.headers.get('content-length')) });
  }
  return {
    name: folder,
    list: async () => files,
    async read(path, start, end) {
      const response = await fetch(`${folder}/${path}`, { headers: { range: `bytes=${start}-${end - 1}` } });
      if (!response.ok) throw new Error(`${path}: status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

const tokenizer = await loadTokenizer(
  await served('/tests/fixtures/gpt2-tokenizer', ['vocab.json', 'merges.txt']),
);

export async function load({ folder, ...options }) {
  const source = await served(folder, ['config.json', 'model.safetensors']);
  return loadWasm(source, { ...options, tokenizer });
}
