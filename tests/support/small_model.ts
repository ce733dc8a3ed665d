import { writeCheckpoint } from '../../src/checkpoints/huggingface/write_checkpoint.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import { memoryTarget } from './memory_target.js';
import { randomSource } from './random.js';
import { storiesTiny } from './stories_tiny.js';

/** A model so small that a training step takes milliseconds. */
export const SMALL_CONFIG = {
  ...(await openCheckpoint(await folderSource(storiesTiny))).config,
  ...{ contextLength: 40, channels: 24, heads: 3, layers: 2, innerChannels: 40 },
};

/** The files of a model with random weights, in several shards, and of its tokenizer. */
export async function shardedFiles(seed = 4): Promise<Record<string, Uint8Array>> {
  const target = memoryTarget();
  const random = randomSource(seed);
  await writeCheckpoint(
    target,
    {
      config: SMALL_CONFIG,
      tokenizer: await loadTokenizer(storiesTiny),
      weight({ shape }) {
        const length = shape.reduce((product, size) => product * size);
        return [Float32Array.from({ length }, () => random.uniform() - 0.5)];
      },
    },
    10_000,
  );
  return target.files;
}
