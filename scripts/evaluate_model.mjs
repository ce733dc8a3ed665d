// node scripts/evaluate_model.mjs MODEL TEXT.gz [PROMPT]: bits per byte of held-out documents, and 20 samples of text that
// nobody selected (seeds 1 to 20, all else as `generate` has it), as Markdown for the model's card. TEXT separates documents
// by <|endoftext|>.
import { readDocuments } from '../bench/lib/documents.mjs';
import { loadModel } from '../build/esm/index.js';

const SAMPLES = 20;

const [source, file, prompt = 'Once upon a time'] = process.argv.slice(2);
const documents = readDocuments(file);

const model = await loadModel(source);
const { contextLength, eosTokenIds } = model.config;
let nats = 0;
let scored = 0;
for (const document of documents) {
  // What is longer than the context is scored in parts, of which each but the first has half a context before it.
  const ids = [eosTokenIds[0], ...model.tokenizer.encode(document)];
  for (let from = 1; from < ids.length; ) {
    const start = Math.max(0, from - 1 - (from === 1 ? 0 : contextLength / 2));
    const end = Math.min(ids.length, start + contextLength);
    const { logprobs } = await model.score(ids.slice(start, end));
    for (const logprob of logprobs.subarray(from - 1 - start)) nats -= logprob;
    scored += end - from;
    from = end;
  }
}
const size = documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
console.log(`${documents.length} documents, ${size} bytes, ${scored} tokens`);
console.log(
  `${(nats / Math.LN2 / size).toFixed(4)} bits per byte, perplexity ${Math.exp(nats / scored).toFixed(3)}`,
);
for (let seed = 1; seed <= SAMPLES; seed++) {
  const { choices } = await model.generate(prompt, { seed });
  console.log(`\n**${seed}.** ${prompt}${choices[0].text}`);
}
model.dispose();
