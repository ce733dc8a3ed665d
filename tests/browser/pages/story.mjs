import { embeddedModel, loadModel } from '../../../build/web/index.js';
import { tellStory } from '../../runtimes/story.mjs';

export async function run({ build }) {
  const model = await loadModel(embeddedModel, { build });
  const story = await tellStory(model);
  model.dispose();
  return { ...story, isolated: crossOriginIsolated };
}
