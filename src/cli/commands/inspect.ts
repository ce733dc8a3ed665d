import type { Command } from 'commander';
import { attentionPatterns } from '../../examine/inside/attention_patterns.js';
import { logitAttribution } from '../../examine/inside/logit_attribution.js';
import { LENS_TOP, logitLens } from '../../examine/inside/logit_lens.js';
import { type InsideViews, insideReport } from '../../examine/inside/report/inside_report.js';
import type { Model } from '../../model/model.js';
import { loadForCommand } from '../inputs/load_model.js';
import { OR_STDIN, readText } from '../inputs/read_text.js';
import { attentionTable } from '../inspecting/attention_table.js';
import { attributionBars } from '../inspecting/attribution_bars.js';
import { lensTable } from '../inspecting/lens_table.js';
import { tokenOption } from '../inspecting/token_option.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { parseNumberList } from '../options/number_list.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { TextOutput, writeJson } from '../terminal/output.js';
import { columnsOf } from '../terminal/terminal.js';

const BASICS = 'Model:';
const VIEW = 'View:';
const OUTPUT = 'Output:';

const DETAILS = `
Views:
  lens         the tokens that the model would say next if it ended after 0
               layers, which is after the embeddings, 1 layer, 2 layers, ...
  attention    the tokens that each head attends to; 3.5 is head 5 of layer 3
  attribution  what each head and each MLP adds to the logit of the next token

Layers, heads and positions are numbers from 0 and ranges such as 0,4..6;
position -1 is the last token. A table shows the last position unless
--positions names others, --json and --html show all.

Examples:
  gpt2-wasm inspect "The cat sat on the"
  gpt2-wasm inspect --view attention --layers 4..5 "The cat sat on the"
  gpt2-wasm inspect --view attribution --token " mat" --against " dog" "The cat sat on the"
  gpt2-wasm inspect --view attention --html attention.html "The cat sat on the"`;

const VIEW_FLAGS: Readonly<Record<string, Flag>> = {
  view: {
    value: 'name',
    choices: ['lens', 'attention', 'attribution'],
    help: 'what to show',
    standard: 'lens',
  },
  layers: { value: 'list', parse: parseNumberList, help: 'layers of lens and attention', standard: 'all' },
  heads: { value: 'list', parse: parseNumberList, help: 'heads of attention', standard: 'all' },
  positions: { value: 'list', parse: parseNumberList, help: 'tokens of the text; attribution takes one' },
  top: { value: 'count', help: 'likeliest tokens of lens', range: '1 to 100', standard: LENS_TOP },
  token: {
    value: 'text',
    parse: asText,
    help: 'next token of attribution, or #ID',
    standard: 'the likeliest',
  },
  against: { value: 'text', parse: asText, help: 'token of attribution whose logit is subtracted, or #ID' },
};
const OUTPUT_FLAGS: Readonly<Record<string, Flag>> = {
  json: jsonFlag('one JSON object'),
  html: { value: 'file', parse: asText, help: 'write a page that shows the view', standard: 'no page' },
  force: { help: 'overwrite the page if it exists' },
  quiet: QUIET,
};

interface Values extends ModelValues {
  readonly view?: keyof InsideViews;
  readonly layers?: number[];
  readonly heads?: number[];
  readonly positions?: number[];
  readonly top?: number;
  readonly token?: string;
  readonly against?: string;
  readonly json?: true;
  readonly html?: string;
  readonly force?: true;
}

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('show what happens inside a model while it reads a text')
    .description('Show what happens inside a GPT-2 model while it reads a text.')
    .argument('[text]', `text to read, in quotes; ${OR_STDIN}`);
  addModelFlags(command, BASICS);
  addFlags(command, VIEW_FLAGS, VIEW);
  addFlags(command, OUTPUT_FLAGS, OUTPUT);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((_: string | undefined, values: Values) => inspect(command, values));
}

/** The flags that each view takes, beside those of all. */
const TAKEN: Readonly<Record<keyof InsideViews, readonly (keyof Values)[]>> = {
  lens: ['layers', 'top'],
  attention: ['layers', 'heads'],
  attribution: ['token', 'against'],
};

function checkValues(command: Command, values: Values): keyof InsideViews {
  const { view = 'lens', positions, html, json, force } = values;
  const foreign = Object.values(TAKEN)
    .flat()
    .find((name) => values[name] !== undefined && !TAKEN[view].includes(name));
  const problems = [
    foreign && `--${foreign} does not belong to --view ${view}`,
    view === 'attribution' && positions && positions.length > 1 && '--view attribution takes one position',
    json && html !== undefined && 'give either --json or --html',
    force && html === undefined && '--force needs --html, whose page it overwrites',
  ];
  const problem = problems.find((found) => found);
  if (problem) command.error(`error: ${problem}`);
  return view;
}

async function inspect(command: Command, values: Values): Promise<void> {
  const view = checkValues(command, values);
  const { html, force = false, json } = values;
  const { text, fromStdin } = await readText(command, 'text');
  if (html !== undefined) await checkNewFile(html, force);
  const interrupt = new Interrupt();
  let loaded: Model | undefined;
  try {
    const model = await loadForCommand(values, interrupt.signal);
    loaded = model;
    const read = fromStdin ? text.replace(/\r?\n$/, '') : text;
    const views = await look(model, view, read, values, interrupt.signal);
    if (html !== undefined) {
      const page = insideReport(views, { model: values.model });
      await writeNewFile(html, page, force);
    } else if (json) await writeJson(toJson(views));
    else await new TextOutput().write(tableOf(views));
  } catch (error) {
    interrupt.report(error, 'interrupted');
  } finally {
    loaded?.dispose();
  }
}

async function look(
  model: Model,
  view: keyof InsideViews,
  text: string,
  values: Values,
  signal: AbortSignal,
): Promise<InsideViews> {
  const { layers, heads, top, json, html } = values;
  const isTable = !json && html === undefined;
  const { positions = isTable ? [-1] : undefined } = values;
  if (view === 'lens') return { lens: await logitLens(model, text, { layers, positions, top, signal }) };
  if (view === 'attention') {
    return { attention: await attentionPatterns(model, text, { layers, heads, positions, signal }) };
  }
  const token = tokenOption('--token', values.token, model.tokenizer);
  const against = tokenOption('--against', values.against, model.tokenizer);
  const position = values.positions?.[0];
  return { attribution: await logitAttribution(model, text, { position, token, against, signal }) };
}

function tableOf({ lens, attention, attribution }: InsideViews): string {
  if (lens) return lensTable(lens);
  return attention ? attentionTable(attention) : attributionBars(attribution!, columnsOf(process.stdout));
}

/** The results with arrays of numbers as JSON has them. */
function toJson({ lens, attention, attribution }: InsideViews): object {
  if (attention === undefined) return lens ?? attribution!;
  const { weights, rollout: _, ...rest } = attention;
  return { ...rest, weights: { shape: weights.shape, data: Array.from(weights.data) } };
}
