import * as codec from '../../../../build/web/examine.js';
import { embeddedModel, loadModel } from '../../../../build/web/index.js';
import { tellStory } from '../../runtimes/story.mjs';

export async function run({ build, threads }) {
  const model = await loadModel(embeddedModel, { build, ...(threads && { threads }) });
  const story = await tellStory(model, codec);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
}
