import * as codec from '../../../../build/web/examine.js';
import { embeddedModel } from '../../../../build/web/index.js';
import { createWorkerModel } from '../../../../build/web/worker.js';
import { tellStory } from '../../runtimes/story.mjs';

export async function run({ build, script, threads }) {
  const worker = script && new Worker(script, { type: 'module' });
  const model = await createWorkerModel(embeddedModel, {
    build,
    ...(worker && { worker }),
    ...(threads && { threads }),
  });
  const story = await tellStory(model, codec);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
}
