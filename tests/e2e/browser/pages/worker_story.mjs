import * as examine from '../../../../build/web/examine.js';
import { embeddedModel } from '../../../../build/web/index.js';
import { createWorkerModel } from '../../../../build/web/worker.js';
import { tellStory } from '../../runtimes/story/story.mjs';

export async function run({ script, input, ...chosen }) {
  const load = (options) => {
    const worker = script && new Worker(script, { type: 'module' });
    return createWorkerModel(embeddedModel, { ...chosen, ...options, ...(worker && { worker }) });
  };
  const story = await tellStory({ load, isRemote: true, examine }, input);
  return { ...story, isolated: crossOriginIsolated };
}
