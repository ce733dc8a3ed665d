import { type Command, Option } from 'commander';
import type { AdapterChoice } from '../adapters/choice.js';
import type { WeightFormat } from '../core/layout.js';
import type { Completion } from '../generate/completion.js';
import { type GenerateOptions, resolveOptions } from '../generate/options.js';
import type { TokenStream } from '../generate/token_stream.js';
import { humanBytes, threeDigits } from '../human_bytes.js';
import { inspectModel, type LoadModelOptions, loadModel, loadTokenizer } from '../load_model.js';
import type { Model } from '../model.js';
import { withSource } from '../open_source.js';
import { addGenerateFlags, generateOptions } from './flags.js';
import { helpOption } from './help.js';
import { readText } from './input.js';
import { Interrupt } from './interrupt.js';
import {
  adapterOption,
  contextLengthOption,
  type ModelFolder,
  modelFolder,
  modelOption,
  revisionOption,
  weightsOption,
} from './model_folder.js';
import { note, TextOutput, writeJson } from './output.js';
import { parseThreads } from './parse.js';
import { reportProgress } from './progress.js';

const BASICS = 'Model and output:';

const DETAILS = `
The prompt and its continuation go to stdout as one text, token by token, with a
line break at the end where the text has none. One line break at the end of a
prompt on stdin is taken off. Progress and figures go to stderr. An empty prompt
lets the model begin. Ctrl-C ends the text where it is; a second one ends the
program at once.

Examples:
  gpt2-wasm generate "Once upon a time"
  gpt2-wasm generate --temperature 0.8 --top-p 0.95 --seed 7 "The cat"
  gpt2-wasm generate --adapter poems --adapter formal:0.5 "The sea"
  gpt2-wasm generate --model ./gpt2 --stop "\\n" "Q: What is a cat? A:"
  echo "One day" | gpt2-wasm generate --no-echo --quiet > story.txt
  gpt2-wasm generate --json --logprobs 3 --max-tokens 5 "Lily saw a"`;

interface Values {
  readonly model?: string;
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly build: NonNullable<LoadModelOptions['build']>;
  readonly weights?: WeightFormat;
  readonly contextLength?: number;
  readonly threads: 'auto' | number;
  readonly echo: boolean;
  readonly json?: true;
  readonly quiet?: true;
}

/** The library's options; Ctrl-C fires the signal. */
type Options = GenerateOptions & { readonly signal: AbortSignal };

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('continue a text')
    .description('Continue a text with a GPT-2 model.')
    .argument('[prompt]', 'the text to continue, in quotes; from stdin where it is left out or -')
    .allowExcessArguments();
  const basics = [
    modelOption(),
    revisionOption(),
    adapterOption(),
    new Option('--build <name>', 'simd: the same bits on every machine; relaxed: faster; auto: the fastest')
      .choices(['auto', 'simd', 'relaxed'])
      .default('auto'),
    weightsOption(),
    contextLengthOption(),
    new Option('--threads <count>', 'threads that compute; auto: what suits the processors and the model')
      .argParser(parseThreads)
      .default('auto'),
    new Option('--no-echo', 'print the continuation without the prompt'),
    new Option('--json', 'print one JSON object at the end, without the prompt'),
    new Option('--quiet', 'no progress and figures, only errors'),
  ];
  for (const option of basics) command.addOption(option.helpGroup(BASICS));
  command.addHelpOption(helpOption().helpGroup(BASICS));
  addGenerateFlags(command);
  command.addHelpText('after', DETAILS).action(() => generate(command));
}

async function generate(command: Command): Promise<void> {
  const values = command.opts<Values>();
  const { logprobs, n = 1 } = generateOptions(command);
  if (logprobs !== undefined && !values.json) {
    command.error('error: --logprobs needs --json, which shows them');
  }
  const prompt = await readPrompt(command);
  const folder = modelFolder(values.model);
  const interrupt = new Interrupt();
  const options = { ...generateOptions(command), signal: interrupt.signal };
  let model: Model;
  try {
    model = await load(folder, values, options);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    note('interrupted while the model was loaded');
    process.exitCode = interrupt.exitCode;
    return;
  }

  const stream = model.stream(prompt, options);
  if (values.json) while (!(await stream.next()).done);
  else await writeText(stream, values.echo ? prompt : '', n);
  const completion = await stream.completion;
  const { build, weights, threads } = model.runtime;
  if (values.json) await writeJson({ model: folder.name, build, weights, threads, ...completion });
  if (!values.quiet)
    note(figures(completion, `${weights} weights, ${build} build, ${count(threads, 'thread')}`));
  model.dispose();
  process.exitCode = interrupt.exitCode ?? 0;
}

/** `echo` and editors end a text with a line break that nobody means as a part of the prompt. */
async function readPrompt(command: Command): Promise<string> {
  const { text, fromStdin } = await readText(command, 'prompt');
  return fromStdin ? text.replace(/\r?\n$/, '') : text;
}

async function load(folder: ModelFolder, values: Values, options: Options): Promise<Model> {
  const { signal } = options;
  const download = values.quiet ? undefined : reportProgress(process.stderr, 'downloading');
  const progress = values.quiet ? undefined : reportProgress(process.stderr, 'loading');
  try {
    // Loading may take long, so that what is missing or cannot be used is refused before.
    return await withSource(folder.source, { revision: values.revision, signal }, async (source) => {
      const { config } = await inspectModel(source, { contextLength: values.contextLength, signal });
      resolveOptions(options, config);
      const tokenizer = await loadTokenizer(source, { signal });
      return loadModel(source, {
        contextLength: values.contextLength,
        build: values.build,
        weights: values.weights,
        threads: values.threads,
        tokenizer,
        ...(values.adapter && { adapters: values.adapter }),
        signal,
        onDownload: (state) => download?.update(state),
        onProgress: (state) => {
          download?.end();
          progress?.update(state);
        },
      });
    });
  } finally {
    download?.end();
    progress?.end();
  }
}

/** Prints the prompt at once and then each token as it comes; several completions get a heading each. */
async function writeText(stream: TokenStream, prompt: string, n: number): Promise<void> {
  const text = new TextOutput();
  const begin = async (index: number) => {
    if (n > 1) await text.write(`${index > 0 ? '\n' : ''}=== ${index + 1} of ${n} ===\n`);
    await text.write(prompt);
  };
  let current = 0;
  try {
    await begin(current);
    for await (const token of stream) {
      if (token.index !== current) {
        await text.endLine();
        current = token.index;
        await begin(current);
      }
      await text.write(token.text);
    }
  } finally {
    await text.endLine();
  }
}

function figures({ choices, usage, timings, seed }: Completion, runtime: string): string {
  const reasons = [...new Set(choices.map(({ finishReason }) => finishReason))].join(', ');
  return [
    `${count(usage.promptTokens, 'prompt token')}${rate(timings.promptTokensPerSecond)}`,
    `${count(usage.completionTokens, 'new token')}${rate(timings.tokensPerSecond)}`,
    `peak memory ${humanBytes(1024 * process.resourceUsage().maxRSS)}`,
    runtime,
    `finish reason ${reasons}`,
    `seed ${seed}`,
  ].join(', ');
}

function count(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? '' : 's'}`;
}

function rate(perSecond: number): string {
  return perSecond > 0 ? ` (${threeDigits(perSecond)}/s)` : '';
}
