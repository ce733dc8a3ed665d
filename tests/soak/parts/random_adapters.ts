import { join } from 'node:path';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { LORA_TARGETS } from '../../../src/architecture/gpt2/lora.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { randomAdapter } from '../../support/adapters.js';

/** Writes an adapter of random numbers, and gives its folder. */
export async function writeRandomAdapter(
  folder: string,
  name: string,
  config: ModelConfig,
  seed: number,
): Promise<string> {
  const path = join(folder, name);
  await writeAdapter(folderTarget(path), randomAdapter(config, seed, 4, LORA_TARGETS), null);
  return path;
}
