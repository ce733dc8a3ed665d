import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCaptioner } from 'gpt2-wasm/vision';
import { examples } from './examples.js';
import { measure } from './measure.js';
import { spectrogram } from './spectrogram.js';
import { newTrainer } from './train.js';
import { readWav, writeWav } from './wav.js';

const USAGE = `Usage: node main.js [options] [FILE.wav...]
Trains a model on sounds, then describes others and counts the facts that are right; or describes WAV files.

  --steps N        steps of training, each on 16 recordings (default 1300)
  --seed N         seed of sounds and weights (default 1)
  --threads N      threads of training (default: all processors)
  --out FOLDER     write the model
  --model FOLDER   describe with this model, without training
  --recordings N   recordings to describe: as many with combinations of words that training
                   has, and with others (default 500)
  --listen FOLDER  write ten of the others as WAV files, without training
  --json           print results as JSON
`;
/** Recordings to describe have other seeds than those of training. */
const OTHER_SEEDS = 2 ** 31;

const note = (text) => process.stderr.write(`${text}\n`);
const options = readOptions();
if (options.help) process.stdout.write(USAGE);
else if (options.listen !== undefined) await writeRecordings(options.listen);
else await describe();

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      steps: { type: 'string', default: '1300' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string' },
      out: { type: 'string' },
      model: { type: 'string' },
      recordings: { type: 'string', default: '500' },
      listen: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const numbers = {
    seed: Number(values.seed),
    steps: Number(values.steps),
    recordings: Number(values.recordings),
  };
  const threads = values.threads === undefined ? 'auto' : Number(values.threads);
  return { ...values, ...numbers, threads, files: positionals };
}

async function describe() {
  const { files, json, model, recordings, seed } = options;
  const begin = performance.now();
  const captioner = model === undefined ? await train(begin) : await loadCaptioner(model);
  const seconds = (performance.now() - begin) / 1000;
  if (files.length > 0) await describeFiles(captioner, files, json);
  else {
    const tried = { recordings, seed: OTHER_SEEDS + seed };
    const known = await measure(captioner, { ...tried, heldOut: false });
    const heldOut = await measure(captioner, { ...tried, heldOut: true });
    if (json) console.log(JSON.stringify({ seconds, known, heldOut }));
    else {
      print('new recordings of combinations that training has', known);
      print('recordings with combinations that training never has', heldOut);
    }
  }
  captioner.dispose();
}

async function train(begin) {
  const trainer = await newTrainer(options);
  for await (const { step, loss } of trainer) {
    const elapsed = Math.round((performance.now() - begin) / 1000);
    if (step % 100 === 0 || step === trainer.steps) {
      note(`step ${step} of ${trainer.steps}: loss ${loss.toFixed(3)}, ${elapsed} s`);
    }
  }
  if (options.out !== undefined) await trainer.save(options.out);
  const captioner = await trainer.captioner();
  trainer.dispose();
  return captioner;
}

async function describeFiles(captioner, files, json) {
  for (const file of files) {
    try {
      const { text } = await captioner.caption(spectrogram(readWav(await readFile(file))));
      console.log(json ? JSON.stringify({ file, text: text.trim() }) : `${file}: ${text.trim()}`);
    } catch (error) {
      note(`${file}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

async function writeRecordings(folder) {
  await mkdir(folder, { recursive: true });
  const heldOut = examples(OTHER_SEEDS + options.seed, true);
  for (let i = 0; i < 10; i++) {
    const { samples, text } = heldOut.next().value;
    const file = join(folder, `${i}.wav`);
    await writeFile(file, writeWav(samples));
    console.log(options.json ? JSON.stringify({ file, text }) : `${file}: ${text}`);
  }
}

function print(title, { recordings, same, share, facts, samples }) {
  console.log(`\n${recordings} ${title}, such as`);
  const percent = (value) => `${(100 * value).toFixed(1)} %`.padStart(7);
  for (const { caption, text } of samples) {
    console.log(caption === text ? `  ${caption}` : `  ${caption}\n    (it is: ${text})`);
  }
  console.log(`${same} are described word for word; facts that are right:`);
  for (const [fact, count] of Object.entries(facts)) {
    console.log(`${fact.padEnd(8)} ${percent(count.share)}  of ${count.all}`);
  }
  console.log(`all      ${percent(share)}`);
}
