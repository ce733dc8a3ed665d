import { embeddedModel, loadModel } from '../../../../build/web/index.js';

/** Runtime facts and generated text for each number of threads. */
export async function run({ counts }) {
  const found = [];
  for (const threads of counts) {
    const model = await loadModel(embeddedModel, { threads });
    const { tokens } = await model.generate('Once upon a time', { maxTokens: 40, seed: 11, ignoreEos: true });
    found.push({ runtime: model.runtime, tokens });
    model.dispose();
  }
  return found;
}
