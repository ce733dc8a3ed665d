// node scripts/train_stories.mjs STORIES TALES FOLDER [STEPS]: trains a model of the embedded one's shape from its texts, by
// this package's own trainer, in a folder that may hold a run to go on with. At last FOLDER/stories.gguf, and
// FOLDER/evaluation.md for a model card. (The embedded weights are by train_stories_gpu.py.)
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readUnpacked } from '../bench/lib/documents.mjs';
import { root, run } from './run.mjs';

const CONFIG = {
  model_type: 'gpt2',
  ...{ vocab_size: 4096, n_positions: 512, n_embd: 320, n_layer: 9, n_head: 5 },
};
/** The tales begin with the easiest; so many bytes of them join the stories in training the vocabulary. */
const TALES_BYTES = 30e6;
const HELD_OUT = fileURLToPath(new URL('../bench/texts/stories.valid.txt.gz', import.meta.url));

if (process.argv.length < 5) {
  console.error('Usage: node scripts/train_stories.mjs STORIES TALES FOLDER [STEPS]');
  process.exit(2);
}
const [stories, tales, folder] = process.argv.slice(2, 5).map((path) => resolve(path));
const steps = process.argv[5] ?? '17500';
const inFolder = (name) => join(folder, name);
const cli = (args) => run(join(root, 'build/esm/cli.js'), args);

mkdirSync(folder, { recursive: true });
if (!existsSync(inFolder('tokenizer'))) {
  writeFileSync(inFolder('tales.txt'), readUnpacked(tales).subarray(0, TALES_BYTES));
  const texts = [stories, inFolder('tales.txt')];
  cli([
    'train-tokenizer',
    ...texts,
    '--vocab-size',
    String(CONFIG.vocab_size),
    '--out',
    inFolder('tokenizer'),
  ]);
}
writeFileSync(inFolder('config.json'), JSON.stringify(CONFIG));
if (!existsSync(inFolder('run/model.safetensors'))) {
  cli([
    ...['pretrain', stories, '--config', inFolder('config.json'), '--tokenizer', inFolder('tokenizer')],
    ...['--out', inFolder('run'), '--resume', '--steps', steps],
    ...['--batch-size', '2', '--context-length', '512', '--beta2', '0.98', '--warmup', '100'],
    ...['--learning-rate', '1.2e-3', '--schedule', 'linear', '--final-learning-rate', '0'],
    ...['--validation', '0.004', '--evaluate-every', '500', '--checkpoint-every', '500'],
  ]);
}
const model = inFolder('stories.gguf');
cli(['convert', inFolder('run'), model, '--weights', 'q8', '--force']);
const evaluation = openSync(inFolder('evaluation.md'), 'w');
run(join(root, 'scripts/evaluate_model.mjs'), [model, HELD_OUT], { stdout: evaluation });
closeSync(evaluation);
