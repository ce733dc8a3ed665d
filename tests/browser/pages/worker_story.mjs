import { embeddedModel } from '../../../build/web/index.js';
import { createWorkerModel } from '../../../build/web/worker.js';
import { tellStory } from '../../runtimes/story.mjs';

export async function run({ build, script }) {
  const worker = script && new Worker(script, { type: 'module' });
  const model = await createWorkerModel(embeddedModel, { build, ...(worker && { worker }) });
  const story = await tellStory(model);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
}
