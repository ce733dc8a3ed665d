// npm run docs: writes the table of what each option does to one prompt into docs/generation.md, between two marks.
// The embedded model in the simd build writes the texts, which are the same on every machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run.mjs';

const PROMPT = 'Lily saw a big dog. The dog';
const PAGE = join(root, 'docs/generation.md');
const BEGIN = '<!-- effects: written by npm run docs -->';
const END = '<!-- /effects -->';

/**
 * Options as the table shows them. `with`: others that they need; they are on both sides of the comparison. `prompt`: in
 * place of PROMPT. `ids`: tokens whose texts the row explains. A search has no seed.
 */
const CASES = [
  { options: 'maxTokens: 6' },
  { options: 'exponentialDecay: { start: 4, factor: 2 }' },
  { with: 'exponentialDecay: { start: 4, factor: 2 }', options: 'minTokens: 14' },
  { options: 'forcedEos: 4095', ids: [4095] },
  { options: "stop: '.'" },
  { with: 'forcedEos: 4095', options: 'ignoreEos: true' },
  { options: 'seed: 2' },
  { options: 'temperature: 0' },
  { options: 'temperature: 1.6' },
  { options: 'topK: 3' },
  { options: 'topP: 0.5' },
  { options: 'minP: 0.2' },
  { options: 'typicalP: 0.5' },
  { options: 'topH: 0.4' },
  { options: 'topNSigma: 1' },
  { options: 'epsilonCutoff: 0.1' },
  { options: 'etaCutoff: 0.2' },
  { options: 'xtcProbability: 1' },
  { with: 'xtcProbability: 1', options: 'xtcThreshold: 0.03' },
  { options: 'mirostat: 2' },
  { with: 'mirostat: 2', options: 'mirostatTau: 1' },
  { with: 'mirostat: 2, mirostatTau: 1', options: 'mirostatEta: 1' },
  { options: 'dynamicTemperatureRange: 0.8' },
  { with: 'dynamicTemperatureRange: 0.8', options: 'dynamicTemperatureExponent: 0.1' },
  { with: 'temperature: 1.6, topP: 0.7', options: "samplers: ['topP', 'temperature']" },
  { options: 'repetitionPenalty: 1.5' },
  { options: 'frequencyPenalty: 2' },
  { options: 'presencePenalty: 2' },
  { options: 'noRepeatNgram: 1' },
  { options: 'encoderRepetitionPenalty: 3' },
  { options: 'encoderNoRepeatNgram: 1' },
  { with: 'encoderRepetitionPenalty: 3', options: 'dryMultiplier: 1' },
  { with: 'encoderRepetitionPenalty: 3, dryMultiplier: 1', options: 'dryBase: 9' },
  { with: 'encoderRepetitionPenalty: 3, dryMultiplier: 1', options: 'dryAllowedLength: 4' },
  { with: 'encoderRepetitionPenalty: 3, dryMultiplier: 1', options: 'dryPenaltyLastN: 6' },
  { with: 'encoderRepetitionPenalty: 3, dryMultiplier: 1', options: "drySequenceBreakers: [' big']" },
  { options: 'logitBias: { 628: 9 }', ids: [628] },
  { options: 'sequenceBias: [{ tokens: [291, 628], bias: 12 }]', ids: [291, 628] },
  { options: 'bannedTokens: [13]', ids: [13] },
  { options: 'beginBannedTokens: [291]', ids: [291] },
  { options: "bannedTexts: ['dog', 'Lily']" },
  { prompt: '', options: 'forcedBos: 628', ids: [628] },
  { options: 'processors: [{ apply: (logits) => void (logits[13] += 3) }]', ids: [13] },
  { options: "format: { regex: ' (was|had) [a-z]+ and [a-z]+\\\\.' }" },
  { options: "format: { choices: [' ran.', ' sat down.', ' flew away.'] }" },
  { options: "format: { jsonSchema: { enum: ['Rex', 'Spot', 7] } }" },
  { options: `format: { grammar: 'root ::= " and the " [a-z]+ root | "."' }` },
  { options: "filter: { words: ['dog', 'Lily'] }" },
  { options: 'guidance: 3' },
  { with: 'guidance: 3', options: "negativePrompt: 'Tom saw a big dog. The dog'" },
  { options: 'experts: [{ model, weight: 3 }]' },
  { options: "watermark: { kind: 'kgw', hashingKey: 5 }" },
  { options: "watermark: { kind: 'unigram', key: 5 }" },
  { options: "watermark: { kind: 'synthid', keys: 5 }" },
  { options: 'inputs: { embeddings: new Float32Array(4 * model.config.channels) }' },
  { options: "edit: [{ hook: 'blocks.1.attn.hook_z', heads: [0, 1], op: 'zero' }]" },
  { prompt: 'Lily saw a big dog. The do', options: 'heal: true' },
  { prompt: 'The end.<|endoftext|>', options: "allowedSpecial: 'all'" },
  { options: 'n: 3' },
  { isSearch: true, options: 'beams: 4' },
  { isSearch: true, with: 'beams: 4', options: 'returned: 2' },
  { isSearch: true, with: "beams: 4, stop: '.'", options: 'lengthPenalty: -1' },
  { isSearch: true, with: "beams: 4, stop: '.'", options: 'earlyStopping: true' },
  { isSearch: true, with: 'beams: 4, returned: 4', options: 'beamGroups: 2, diversityPenalty: 4' },
  { isSearch: true, with: 'beams: 4, noRepeatNgram: 1', options: 'renormalize: true' },
  { isSearch: true, options: 'penaltyAlpha: 0.6, topK: 4' },
];

/** Options that leave the text of the prompt as it is, by the reason. */
export const WITHOUT_EFFECT = {
  'for other things than the text': ['priority', 'logprobs', 'signal'],
  'for the same text in less time': ['speculate', 'draft'],
  'for texts as long as the context': ['contextFull', 'keep'],
};

/** The object that the text of some options makes. */
const parse = (options, model) => new Function('model', `return { ${options} };`)(model);

async function write(model, { prompt = PROMPT, isSearch }, options) {
  const base = isSearch ? { maxTokens: 16 } : { maxTokens: 16, seed: 1 };
  const { choices } = await model.generate(prompt, { ...base, ...parse(options, model) });
  return choices.map(({ text, finishReason }) =>
    finishReason === 'length' ? text : `${text} (${finishReason})`,
  );
}

/** A row of the table: what is written without and with the options. `names`: those of the options. */
async function effectOf(model, each) {
  const options = each.with === undefined ? each.options : `${each.with}, ${each.options}`;
  const before = await write(model, each, each.with ?? '');
  const after = await write(model, each, options);
  return { ...each, options, names: Object.keys(parse(each.options, model)), before, after };
}

/** All rows of the table. */
export async function effects(model) {
  const rows = [];
  for (const each of CASES) rows.push(await effectOf(model, each));
  return rows;
}

const cell = (text) => text.trimStart().replaceAll('\n', '↵').replaceAll('|', '\\|');
const shown = (texts) => texts.map(cell).join(' / ');

function rowOf(model, { prompt, options, ids = [], after }) {
  const notes = ids.map((id) => `${id} is \`${cell(model.tokenizer.decode([id]))}\``);
  if (prompt !== undefined) notes.push(prompt === '' ? 'no prompt' : `after "${cell(prompt)}"`);
  const note = notes.length === 0 ? '' : `; ${notes.join(', ')}`;
  return `| \`${cell(options)}\`${note} | ${shown(after)} |`;
}

/** The page with its table. `rows` as `effects` gives them. */
export async function pageWithTable(model, page, rows) {
  const plain = await write(model, {}, '');
  const none = Object.entries(WITHOUT_EFFECT).map(
    ([reason, names]) => `- ${reason}: ${names.map((name) => `\`${name}\``).join(', ')}`,
  );
  const table = [
    BEGIN,
    '',
    `"${PROMPT}" is continued with \`maxTokens: 16\`, \`seed: 1\` (searches without it) and:`,
    '',
    '| options | text |',
    '|---|---|',
    `| none | ${shown(plain)} |`,
    ...rows.map((row) => rowOf(model, row)),
    '',
    'Without effect on this text:',
    '',
    ...none,
    '',
    END,
  ].join('\n');
  const [before, , after] = split(page);
  return `${before}${table}${after}`;
}

function split(page) {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to === -1) throw new Error(`docs/generation.md lacks ${BEGIN} or ${END}`);
  return [page.slice(0, from), page.slice(from, to), page.slice(to + END.length)];
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { embeddedModel, loadModel } = await import('../build/esm/index.js');
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const page = await pageWithTable(model, readFileSync(PAGE, 'utf8'), await effects(model));
  writeFileSync(PAGE, page);
  model.dispose();
}
