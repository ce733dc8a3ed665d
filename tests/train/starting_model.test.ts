import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainCore } from '../../src/core/training/train_core.js';
import { openStartingModel } from '../../src/train/starting_model.js';
import { fixture } from '../checkpoints/support.js';
import { memorySource } from '../support/sources.js';

test('an abort ends the download of the weights that a run starts from', async () => {
  const controller = new AbortController();
  const ended = new Error('the download has ended');
  const files = {
    ...memorySource('base', fixture('base')),
    download: (_: readonly string[], { signal }: { signal?: AbortSignal | undefined }) =>
      new Promise<void>((_, reject) => signal!.addEventListener('abort', () => reject(ended))),
  };
  const model = await openStartingModel(files, { signal: controller.signal });
  const loading = model.load({} as TrainCore).catch((error: unknown) => error);
  controller.abort();
  assert.is(await loading, ended);
});

test.run();
