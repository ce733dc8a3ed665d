import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { Limits } from '../limits/limits.mjs';
import { modelFiles } from '../models/files.mjs';
import { wordPrompts } from '../prompts.mjs';
import { summary } from '../stats.mjs';
import { Participant, PROMPT_TOKENS, SHORT_PROMPT } from './participant.mjs';
import { label, runsOf } from './runs.mjs';

/** A participant is measured once a round, until this much of its time is spent; at least once. */
const BUDGET = 12_000;

/**
 * Runs every engine on the given weight formats: rows of the table, and samples of the machine's limits from the
 * same rounds. The processes of one format live side by side, and each round measures them one after another.
 */
export async function measurePeers({ formats, rounds, node, only }) {
  const nextPrompt = await wordPrompts();
  const nextPrompts = () => ({ long: nextPrompt(PROMPT_TOKENS), short: nextPrompt(SHORT_PROMPT) });
  const limits = await Limits.start({ node });
  const rows = [];
  for (const weights of formats) {
    const files = modelFiles(weights);
    warmFileCache(files);
    const participants = runsOf(weights)
      .filter((run) => label(run).includes(only))
      .map((run) => new Participant(run));
    const first = nextPrompts();
    for (const participant of participants) {
      console.error(`${label(participant.row)}: loading and warming up ...`);
      await participant.start(files, first, { node });
    }
    for (let round = 0; round < rounds; round++) {
      console.error(`${weights}: round ${round + 1} of ${rounds} ...`);
      const prompts = nextPrompts();
      await limits.sample();
      for (const participant of participants) {
        if (participant.spent < BUDGET) await participant.measure(prompts);
      }
    }
    for (const participant of participants) {
      await participant.end();
      rows.push(finished(participant.row));
    }
  }
  await limits.end();
  return { rows, limits: limits.summaries() };
}

function finished({ promptTokensPerSecond, decodeTokensPerSecond, ...row }) {
  if (row.failure !== undefined) return row;
  return {
    ...row,
    promptTokensPerSecond: summary(promptTokensPerSecond),
    decodeTokensPerSecond: summary(decodeTokensPerSecond),
    samples: promptTokensPerSecond.length,
  };
}

function warmFileCache({ folder, gguf, onnx }) {
  for (const path of [`${folder}/model.safetensors`, gguf, onnx]) {
    if (typeof path === 'string') readFileSync(join(root, path));
  }
}
