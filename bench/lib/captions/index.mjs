// Captions of images, beside transformers.js and ONNX Runtime with the same random weights. Other captions in f32 are a
// failure.
import { Limits } from '../limits/limits.mjs';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { CAPTIONERS, captionerFiles, PICTURE } from '../models/random_captioner.mjs';
import { fail } from '../process.mjs';
import { judgeIds, ratios } from './compare.mjs';
import { Participant, TOKENS } from './participant.mjs';
import { FORMATS, label, PACKAGES, runsOf } from './runs.mjs';

export { print } from './report.mjs';

const NODE = '24';
const THREADS = [1, 2];

export async function run({ node: major = NODE, model = 'base', formats, rounds = '5', only }) {
  const start = performance.now();
  if (!CAPTIONERS.includes(model))
    fail(`there is no captioner ${model}: --model takes ${CAPTIONERS.join(', ')}`);
  const node = nodeProgram(major);
  const limits = await Limits.start({ node });
  const rows = [];
  for (const weights of FORMATS.filter((name) => formats.split(',').includes(name))) {
    const files = await captionerFiles(model, weights);
    for (const threads of THREADS) {
      const runs = runsOf(weights, threads).filter((run) => label(run).includes(only));
      rows.push(...(await measureSideBySide(runs, files, { rounds: Number(rounds), node, limits })));
    }
  }
  await limits.end();
  const ids = judgeIds(rows);
  if (ids.different.length > 0) process.exitCode = 1;
  return {
    ...{
      machine: machine([nodeVersion(node)], { peers: PACKAGES, inChromium: true }),
      model,
      picture: PICTURE,
      tokens: TOKENS,
    },
    ...{ limits: limits.summaries(), rows, ratios: ratios(rows), ids },
    minutes: (performance.now() - start) / 60_000,
  };
}

/** All runs live at the same time and wait, and each round measures them one after another. */
async function measureSideBySide(runs, files, { rounds, node, limits }) {
  if (runs.length === 0) return [];
  const participants = runs.map((run) => new Participant(run));
  for (const participant of participants) {
    console.error(`${label(participant.row)}: loading and warming up ...`);
    await participant.start(files, { node });
  }
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds} ...`);
    await limits.sample();
    // Every second round goes backwards, so that none always follows the same one.
    const order = round % 2 === 1 ? participants : [...participants].reverse();
    for (const participant of order) await participant.measure(round);
  }
  for (const participant of participants) await participant.end();
  return participants.map(({ row }) => row);
}
