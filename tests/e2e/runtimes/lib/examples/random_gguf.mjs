import { existsSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { randomModel } from '../../../../../bench/lib/models/random_model.mjs';
import { here } from '../app.mjs';
import { installedPackage } from './projects.mjs';

/**
 * A GGUF file in q4 with random weights in the shape of GPT-2 124M and its tokenizer, written if it does not
 * exist.
 */
export async function randomGguf() {
  const path = here('.cache/gpt2-124m-random.q4.gguf');
  if (existsSync(path)) return path;
  console.error('Writing a model of 124 million random weights ...');
  const { convertModel } = await installedPackage();
  const folder = randomModel(here('.cache'));
  const file = await convertModel(folder, { weights: 'q4' });
  await writeFile(`${path}.unfinished`, file.bytes());
  renameSync(`${path}.unfinished`, path);
  rmSync(folder, { recursive: true });
  return path;
}
