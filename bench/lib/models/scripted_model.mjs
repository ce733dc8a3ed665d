import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors } from './safetensors.mjs';

const WEIGHTS = 'model.safetensors';
/** Times the token embedding: after the layers, whose output is random, the direction is still the script's. */
const SIZE = 500;

/**
 * A source of the random model in `folder`, but it has learned `ids` by heart: greedy decoding continues any prompt of n
 * tokens with ids[n], ids[n + 1], ... The position embedding of n is the token embedding of ids[n + 1], much enlarged, so
 * that the head, which has the same embeddings, finds it again. Everything else costs what it costs in a trained model.
 */
export function scriptedModel(folder, ids) {
  const tensors = openSafetensors(join(folder, WEIGHTS));
  const wte = tensors.read('wte.weight');
  const wpe = tensors.read('wpe.weight');
  const [start, end] = tensors.place('wpe.weight');
  const C = Object.fromEntries(tensors.shapes())['wpe.weight'][1];
  tensors.close();
  ids.slice(1).forEach((id, position) => {
    for (let c = 0; c < C; c++) wpe[position * C + c] = SIZE * wte[id * C + c];
  });
  return patched(folder, WEIGHTS, {
    start,
    end,
    bytes: new Uint8Array(wpe.buffer, wpe.byteOffset, wpe.byteLength),
  });
}

/** The files of a folder, with other bytes from `start` to `end` of one of them. */
function patched(folder, patchedPath, patch) {
  return {
    name: folder,
    async list() {
      const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
      const sizes = files.map(async ({ name }) => (await stat(join(folder, name))).size);
      return Promise.all(files.map(async ({ name }, i) => ({ path: name, byteLength: await sizes[i] })));
    },
    async read(path, start, end) {
      const file = await open(join(folder, path));
      const data = new Uint8Array(end - start);
      await file.read(data, 0, data.length, start);
      await file.close();
      const from = Math.max(start, patch.start);
      const to = Math.min(end, patch.end);
      if (path === patchedPath && from < to) {
        data.set(patch.bytes.subarray(from - patch.start, to - patch.start), from - start);
      }
      return data;
    },
  };
}
