import { embeddedModel, loadModel } from '../../../../build/web/index.js';

/** What is traced and generated with edits by a model on some threads, and how far that is from what holds without. */
export async function run({ threads }) {
  const model = await loadModel(embeddedModel, { threads });
  const ids = model.tokenizer.encode('Once upon a time there was a dog. The dog');
  const hook = 'blocks.4.hook_mlp_out';
  const plain = await model.logits(ids);
  const { values, logits } = await model.trace(ids, {
    read: [hook, 'blocks.*.attn.hook_pattern'],
    logits: 'all',
  });
  const edit = [{ hook, op: 'replace', positions: 'prompt', value: values[hook].data }];
  const again = await model.logits(ids, { edit });
  const [{ tokens }, written] = await Promise.all([
    model.generate(ids, { maxTokens: 20, seed: 11, edit }),
    model.generate(ids, { maxTokens: 20, seed: 11 }),
  ]);
  const count = model.runtime.threads;
  model.dispose();
  const changed = [logits.data, again].map((all) => all.filter((value, i) => value !== plain[i]).length);
  return { count, changed, tokens, written: written.tokens };
}
