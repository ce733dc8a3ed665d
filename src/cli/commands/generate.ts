import { type Command, Option } from 'commander';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { counted } from '../../base/counted.js';
import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import type { Edit } from '../../core/hooks/edit.js';
import { compileFormat } from '../../generate/compile_format.js';
import type { Completion } from '../../generate/completion.js';
import { checkRareOptions } from '../../generate/rare_options/rare_options.js';
import { resolveOptions } from '../../generate/resolve_options.js';
import { isSearch } from '../../generate/resolved_options.js';
import type { TokenStream } from '../../generate/token_stream.js';
import type { Model } from '../../model/model.js';
import { loadForCommand } from '../inputs/load_model.js';
import { modelSource } from '../inputs/model_source.js';
import { OR_STDIN, readText } from '../inputs/read_text.js';
import { addFlags } from '../options/flag.js';
import { addFormatFlags, formatOption } from '../options/format_flags.js';
import { addGenerateFlags, generateOptions } from '../options/generate_flags.js';
import { addModelFlags, type ModelValues, secondModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addSteerFlags, steerOption } from '../options/steer_flags.js';
import { addWatermarkFlags, watermarkOption } from '../options/watermark_flags.js';
import { openRecorder, RECORD_FLAGS, type RecordValues } from '../provenance/recorder.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const BASICS = 'Model and output:';

const DETAILS = `
The prompt and its continuation are printed to stdout as one text, token by
token, and end with a line break. A final line break of a prompt on stdin is
removed. Progress and figures are printed to stderr. With an empty prompt, the
model starts a text. Ctrl-C ends the text; a second Ctrl-C ends the program at
once.

Examples:
  gpt2-wasm generate "Once upon a time"
  gpt2-wasm generate --temperature 0.8 --top-p 0.95 --seed 7 "The cat"
  gpt2-wasm generate --adapter poems --adapter formal:0.5 "The sea"
  gpt2-wasm generate --model ./gpt2 --stop "\\n" "Q: What is a cat? A:"
  echo "One day" | gpt2-wasm generate --no-echo --quiet > story.txt
  gpt2-wasm generate --json --logprobs 3 --max-tokens 5 "Lily saw a"`;

interface Values extends ModelValues, RecordValues {
  readonly echo: boolean;
  readonly json?: true;
  readonly draft?: string;
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('continue a text')
    .description('Continue a text with a GPT-2 model.')
    .argument('[prompt]', `text to continue, in quotes; ${OR_STDIN}`)
    .allowExcessArguments();
  addModelFlags(command, BASICS);
  // commander gives the value `echo`, which is true without the flag.
  command.addOption(new Option('--no-echo', 'print the continuation without the prompt').helpGroup(BASICS));
  addFlags(
    command,
    {
      json: jsonFlag('one JSON object at the end, without the prompt'),
      quiet: QUIET,
      ...RECORD_FLAGS,
    },
    BASICS,
  );
  command.addHelpOption(helpOption().helpGroup(BASICS));
  addGenerateFlags(command);
  addFormatFlags(command);
  addWatermarkFlags(command);
  addSteerFlags(command);
  command.addHelpText('after', DETAILS).action(() => generate(command));
}

async function generate(command: Command): Promise<void> {
  const values = command.opts<Values>();
  const { logprobs, n = 1, returned = n, beams = 1, penaltyAlpha = 0 } = generateOptions(command);
  if (logprobs !== undefined && !values.json) {
    command.error('error: --logprobs needs --json, which prints them');
  }
  const format = await formatOption(command);
  const watermark = await watermarkOption(command);
  const steering = await steerOption(command);
  const prompt = await readPrompt(command);
  const interrupt = new Interrupt();
  const options = { ...generateOptions(command), format, watermark, signal: interrupt.signal };
  const record = await openRecorder(command, values, prompt, options);
  let model: Model;
  let draft: Model | undefined;
  let edit: Edit[] | undefined;
  try {
    const check = (config: ModelConfig) => checkRareOptions(options, resolveOptions(options, config), config);
    if (format !== undefined) await compileFormat(format);
    model = await loadForCommand(values, interrupt.signal, check);
    edit = steering?.(model);
    if (values.draft !== undefined)
      draft = await loadForCommand(secondModelValues(values, values.draft), interrupt.signal);
  } catch (error) {
    return interrupt.report(error, 'interrupted while the model was loaded');
  }

  const stream = model.stream(prompt, { ...options, draft, edit });
  if (values.json) while (!(await stream.next()).done);
  else await writeText(stream, values.echo ? prompt : '', returned);
  const completion = await stream.completion;
  const { build, weights, threads } = model.runtime;
  if (values.json)
    await writeJson({ model: modelSource(values.model).name, build, weights, threads, ...completion });
  if (interrupt.exitCode === undefined) await record?.(model, completion);
  else if (record !== undefined) note(`interrupted; ${values.record} was not written`);
  if (!values.quiet) {
    const runtime = `${weights} weights, ${build} build, ${counted(threads, 'thread')}`;
    note(figures(completion, runtime, !isSearch({ beams, penaltyAlpha })));
  }
  draft?.dispose();
  model.dispose();
  process.exitCode = interrupt.exitCode ?? 0;
}

/** Reads the prompt. A final line break on stdin comes from `echo` or an editor and is not part of it. */
async function readPrompt(command: Command): Promise<string> {
  const { text, fromStdin } = await readText(command, 'prompt');
  return fromStdin ? text.replace(/\r?\n$/, '') : text;
}

/**
 * Prints the prompt at once and then each token of the first completion as it is generated. The others follow,
 * each with a heading.
 */
async function writeText(stream: TokenStream, prompt: string, n: number): Promise<void> {
  const text = new TextOutput();
  const begin = async (index: number) => {
    if (n > 1) await text.write(`${index > 0 ? '\n' : ''}=== ${index + 1} of ${n} ===\n`);
    await text.write(prompt);
  };
  try {
    await begin(0);
    for await (const token of stream) if (token.index === 0) await text.write(token.text);
  } finally {
    await text.endLine();
  }
  for (const { index, text: other } of (await stream.completion).choices.slice(1)) {
    await begin(index);
    await text.write(other);
    await text.endLine();
  }
}

function figures(completion: Completion, runtime: string, sampled: boolean): string {
  const { choices, usage, timings, score, seed } = completion;
  const reasons = [...new Set(choices.map(({ finishReason }) => finishReason))].join(', ');
  return [
    `${counted(usage.promptTokens, 'prompt token')}${rate(timings.promptTokensPerSecond)}`,
    `${counted(usage.completionTokens, 'new token')}${rate(timings.tokensPerSecond)}`,
    ...(usage.draftTokens > 0
      ? [`${usage.acceptedDraftTokens} of ${counted(usage.draftTokens, 'draft')} right`]
      : []),
    `peak memory ${humanBytes(1024 * process.resourceUsage().maxRSS)}`,
    runtime,
    `finish reason ${reasons}`,
    ...(score === undefined ? [] : [`score ${score.toFixed(4)}`]),
    ...(sampled ? [`seed ${seed}`] : []),
  ].join(', ');
}

function rate(perSecond: number): string {
  return perSecond > 0 ? ` (${threeDigits(perSecond)}/s)` : '';
}
