import type { Command } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import { isAdapter } from '../../checkpoints/model_files.js';
import { describeAdapter } from '../../checkpoints/peft/describe_adapter.js';
import { withModel } from '../../checkpoints/registry.js';
import type { ModelSource } from '../../files/source.js';
import type { Source } from '../../files/source_options.js';
import { disagreements } from '../../model/disagreements.js';
import { inspectModel } from '../../model/inspect_model.js';
import { loadTokenizer } from '../../model/load_model.js';
import type { InspectOptions, ModelInfo } from '../../model/model_info.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelSource } from '../inputs/model_source.js';
import { adapterRows } from '../inspecting/adapter_rows.js';
import { addFlags } from '../options/flag.js';
import { MEMORY_FLAGS, MODEL, MODEL_STANDARD, REVISION_FLAGS } from '../options/model_flags.js';
import { jsonFlag } from '../options/output_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
No weights are read, so that this is quick for a model of any size.

Examples:
  gpt2-wasm info
  gpt2-wasm info --weights q8 ./gpt2
  gpt2-wasm info --json openai-community/gpt2`;

export function addInfo(program: Command): void {
  const command = program
    .command('info')
    .summary('describe a model and the memory it needs')
    .description(
      "Show a model's configuration, its tokenizer and the memory that it needs; or what an adapter changes.",
    )
    .argument('[model]', `${MODEL} (default: ${MODEL_STANDARD})`);
  addFlags(command, { ...REVISION_FLAGS, ...MEMORY_FLAGS, json: jsonFlag() });
  command.addHelpOption(helpOption()).addHelpText('after', DETAILS).action(info);
}

async function info(
  path: string | undefined,
  { revision, json, ...options }: InspectOptions & { json?: true },
): Promise<void> {
  const { source, name } = modelSource(path);
  const found = await withModel(source, { revision }, async (files) =>
    (await isOfAdapter(files))
      ? describeAdapter(files)
      : ([await inspectModel(files, options), await tokenizerIfAny(files)] as const),
  );
  if ('kind' in found) {
    if (json) await writeJson({ adapter: name, ...found });
    else await new TextOutput().write(`${table(adapterRows(name, found))}\n`);
    return;
  }
  const [model, tokenizer] = found;
  const notes = [...model.notes, ...(tokenizer === null ? [] : disagreements(model.config, tokenizer))];
  if (json) {
    const { format, config, storedBytes, weights, memory, heads } = model;
    await writeJson({
      model: name,
      format,
      config,
      storedBytes,
      weights,
      memory,
      heads,
      tokenizer: tokenizer && {
        ...(tokenizer.kind !== undefined && { kind: tokenizer.kind }),
        vocabSize: tokenizer.vocabSize,
        specialTokens: Object.fromEntries(tokenizer.specialTokens),
      },
      notes,
    });
    return;
  }
  const rows = [...describe(name, model, tokenizer), ...notes.map((text): Row => ['Note', text])];
  await new TextOutput().write(`${table(rows)}\n`);
}

async function isOfAdapter(files: ModelSource): Promise<boolean> {
  return isAdapter((await files.list()).map(({ path }) => path));
}

/** The tokenizer of a model; null if it has none, since the rest can still be described. */
async function tokenizerIfAny(source: Source): Promise<Tokenizer | null> {
  try {
    return await loadTokenizer(source);
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'not-found') return null;
    throw error;
  }
}

type Row = readonly [label: string, value: string];

function describe(
  name: string,
  { format, config, storedBytes, weights, memory, heads }: ModelInfo,
  tokenizer: Tokenizer | null,
): Row[] {
  const attention = [
    `${config.heads} heads of ${config.channels / config.heads}`,
    ...(config.scaleAttention ? [] : ['scores not scaled']),
    ...(config.scaleAttentionByInverseLayer ? ['scores divided by the layer number'] : []),
  ];
  const bits = (8 * storedBytes) / memory.parameters;
  return [
    ['Model', name],
    ['Format', format],
    ['Parameters', `${humanCount(memory.parameters)} (${memory.parameters})`],
    ['On disk', `${humanBytes(storedBytes)}, ${threeDigits(bits)} bits a parameter`],
    ['', ''],
    ['Layers', String(config.layers)],
    ['Channels', `${config.channels}, ${config.innerChannels} inside the MLP`],
    ['Attention', attention.join(', ')],
    ['Activation', config.activation],
    ['Layer norm epsilon', String(config.layerNormEpsilon)],
    ['Output head', config.tiedHead ? 'the token embedding (tied)' : 'separate weights'],
    ...heads.map(
      ({ task, labels }): Row => [
        'Task head',
        [task, ...(labels.length > 0 ? [shortList(labels)] : [])].join(': '),
      ],
    ),
    ['Context', `${config.contextLength} tokens`],
    ['Vocabulary', `${config.vocabSize} tokens`],
    ['End of text', config.eosTokenIds.join(', ') || 'none'],
    ['Tokenizer', tokenizer ? [`${tokenizer.vocabSize} tokens`, ...kindOf(tokenizer)].join(', ') : 'none'],
    ['Special tokens', specialTokens(tokenizer)],
    ['', ''],
    ['Memory needed', humanBytes(memory.total)],
    ['  weights', `${humanBytes(memory.weights)} in ${weights}`],
    ['  cache', `${humanBytes(memory.cache)} for the keys and values of a text that fills the context`],
    ['  scratch', humanBytes(memory.scratch)],
  ];
}

/** The first labels, and how many more there are. */
function shortList(labels: readonly string[]): string {
  const shown = labels.slice(0, 10).join(', ');
  return labels.length > 10 ? `${shown} and ${labels.length - 10} more` : shown;
}

/** The kind of a tokenizer that is not GPT-2's. */
const kindOf = ({ kind }: Tokenizer) => (kind === undefined ? [] : [kind]);

function specialTokens(tokenizer: Tokenizer | null): string {
  const tokens = Array.from(tokenizer?.specialTokens ?? [], ([text, id]) => `${text} (${id})`);
  return tokens.join(', ') || 'none';
}

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

/** 124439808 -> 124 million */
function humanCount(count: number): string {
  if (count >= 1e9) return `${threeDigits(count / 1e9)} billion`;
  if (count >= 1e6) return `${threeDigits(count / 1e6)} million`;
  if (count >= 1e3) return `${threeDigits(count / 1e3)} thousand`;
  return String(count);
}
