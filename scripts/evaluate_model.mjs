// node scripts/evaluate_model.mjs MODEL TEXT.gz [PROMPT]: bits per byte of held-out documents, and 20 samples of text that
// nobody selected (seeds 1 to 20, all else as `generate` has it), as Markdown for the model's card. TEXT separates documents
// by <|endoftext|>.
import { readDocuments } from '../bench/lib/documents.mjs';
import { loadModel } from '../build/esm/index.js';

const SAMPLES = 20;

const [source, file, prompt = 'Once upon a time'] = process.argv.slice(2);
const documents = readDocuments(file);

const model = await loadModel(source);
const { contextLength } = model.config;
let nats = 0;
let scored = 0;
for (const document of documents) {
  const { sum, logprobs } = await model.score(document, { stride: contextLength / 2 });
  nats -= sum;
  scored += logprobs.length;
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
