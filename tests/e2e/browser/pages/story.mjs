import * as examine from '../../../../build/web/examine.js';
import { embeddedModel, loadModel } from '../../../../build/web/index.js';
import { tellStory } from '../../runtimes/story/story.mjs';

export async function run({ input, ...chosen }) {
  const load = (options) => loadModel(embeddedModel, { ...chosen, ...options });
  return { ...(await tellStory({ load, examine }, input)), isolated: crossOriginIsolated };
}
