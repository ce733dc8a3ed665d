import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCaptioner } from 'gpt2-wasm/vision';
import { halved } from './half.js';
import { measure } from './measure.js';
import { newTrainer } from './train.js';

const USAGE = `Usage: node main.js [options]
Trains a captioner on drawn pictures, then captions others and counts the facts that are right.

  --steps N      steps of training, each on 16 pictures (default 3000)
  --seed N       seed of pictures and weights (default 1)
  --threads N    threads of training (default: all processors)
  --out FOLDER   write the captioner, its numbers in 16 bits
  --model FOLDER caption with this captioner, without training
  --pictures N   pictures to caption (default 500)
  --json         print numbers as JSON
`;

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
    out: { type: 'string' },
    model: { type: 'string' },
    pictures: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const HELD_OUT_SEED = 2 ** 31;

if (options.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const note = (text) => process.stderr.write(`${text}\n`);
const seed = Number(options.seed);
const begin = performance.now();
const captioner = options.model ? await loadCaptioner(options.model, { weights: 'q8' }) : await train();
const seconds = (performance.now() - begin) / 1000;
const result = await measure(captioner, { pictures: Number(options.pictures), seed: HELD_OUT_SEED + seed });
captioner.dispose();
if (options.json) console.log(JSON.stringify({ seconds, ...result }));
else print(result);

async function train() {
  const threads = options.threads === undefined ? 'auto' : Number(options.threads);
  const trainer = await newTrainer({ steps: Number(options.steps), seed, threads });
  for await (const { step, loss } of trainer) {
    const elapsed = Math.round((performance.now() - begin) / 1000);
    if (step % 100 === 0 || step === trainer.steps) {
      note(`step ${step} of ${trainer.steps}: loss ${loss.toFixed(3)}, ${elapsed} s`);
    }
  }
  if (options.out !== undefined) await write(trainer, options.out);
  const trained = await trainer.captioner({ weights: 'q8' });
  trainer.dispose();
  return trained;
}

async function write(trainer, folder) {
  await trainer.save(folder);
  const weights = join(folder, 'model.safetensors');
  await writeFile(weights, halved(await readFile(weights)));
}

function print({ pictures, same, share, kinds, samples }) {
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  for (const { caption, text } of samples) {
    console.log(caption === text ? `  ${caption}` : `  ${caption}\n    (it is: ${text})`);
  }
  console.log(`\n${pictures} held-out pictures, ${same} captions word for word; facts that are right:`);
  for (const [kind, count] of Object.entries(kinds)) {
    if (count.all === 0) continue;
    console.log(`${kind.padEnd(7)} ${percent(count.share).padStart(7)}  of ${count.all}`);
  }
  console.log(`all     ${percent(share).padStart(7)}`);
}
