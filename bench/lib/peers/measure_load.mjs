// One load in one process: measure_load.mjs SOURCE -> milliseconds. A GGUF file has a tokenizer, read like the rest.
import { loadModel } from '../../../build/esm/index.js';

const start = performance.now();
await loadModel(process.argv[2], { weights: 'q8', threads: 1 });
console.log(performance.now() - start);
process.exit();
