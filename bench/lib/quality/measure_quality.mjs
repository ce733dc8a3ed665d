// One build with one format of weights and one of keys and values, against f32 in the simd build:
// measure_quality.mjs BUILD WEIGHTS KV_CACHE MODEL TEXT -> a JSON line.
import { loadModel } from '../../../build/esm/index.js';
import { readDocuments } from '../documents.mjs';
import { compare } from './compare.mjs';

const [build, weights, kvCache, source, file] = process.argv.slice(2);
const reference = await loadModel(source, { build: 'simd', weights: 'f32', kvCache: 'f32', threads: 1 });
const model = await loadModel(source, { build, weights, kvCache, threads: 1 });

let tokens = 0;
let agreements = 0;
let [loss, referenceLoss, divergence] = [0, 0, 0];
for (const ids of sequences(readDocuments(file))) {
  const [wanted, got] = [await reference.logits(ids), await model.logits(ids)];
  const V = reference.config.vocabSize;
  for (let i = 0; i + 1 < ids.length; i++) {
    const row = compare(wanted.subarray(i * V, (i + 1) * V), got.subarray(i * V, (i + 1) * V), ids[i + 1]);
    tokens++;
    agreements += row.agrees ? 1 : 0;
    loss += row.loss;
    referenceLoss += row.referenceLoss;
    divergence += row.divergence;
  }
}
console.log(
  JSON.stringify({
    tokens,
    perplexity: Math.exp(loss / tokens),
    reference: Math.exp(referenceLoss / tokens),
    divergence: divergence / tokens,
    agreement: agreements / tokens,
  }),
);
process.exit();

/** Each document, in pieces no longer than the context; the first token of a piece is not scored. */
function* sequences(documents) {
  const { contextLength, eosTokenIds } = reference.config;
  for (const document of documents) {
    const ids = [eosTokenIds[0], ...reference.tokenizer.encode(document)];
    for (let start = 0; start + 1 < ids.length; start += contextLength) {
      yield ids.slice(start, start + contextLength);
    }
  }
}
