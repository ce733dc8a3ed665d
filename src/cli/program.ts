import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Gpt2Error } from '../base/errors.js';
import { aliasHint } from '../base/option_aliases.js';
import { withoutControls } from '../base/visible_text.js';
import { packageFile } from '../host/package_files.js';
import { addHelp } from './commands/help.js';
import { COMMANDS } from './commands.js';
import { flagOf } from './options/flag.js';
import { inFlagTerms } from './options/flag_terms.js';
import { EXIT_CODES, fitHelp, helpConfiguration, helpOption } from './terminal/help_format.js';
import { note, quitWithoutReader } from './terminal/output.js';

const FAILED = 1;
const USAGE = 2;

const EXAMPLES = `
Examples:
  gpt2-wasm generate "Once upon a time"
  gpt2-wasm generate --model ./gpt2 --max-tokens 50 "The meaning of life is"
  gpt2-wasm chat
  gpt2-wasm score story.txt
  gpt2-wasm examine --html report.html story.txt
  gpt2-wasm tokenize "How many tokens is this?"
  gpt2-wasm info ./gpt2
  gpt2-wasm generate --model openai-community/gpt2 "The cat"
  gpt2-wasm convert ./gpt2 gpt2.gguf --weights q8
  gpt2-wasm finetune notes/ --model ./gpt2 --out my-gpt2
  gpt2-wasm finetune poems/ --model ./gpt2 --lora --out poems-adapter
  gpt2-wasm serve

A model is one of these:
  a folder with config.json, model.safetensors and the files of a tokenizer
  a .gguf file
  an id on the Hugging Face hub, which is downloaded once: owner/name, or
  owner/name:file.gguf for one GGUF file
The default is a small model in the package that writes stories for children.

"gpt2-wasm generate --help" explains the options of a command.`;

/** Runs the command line and sets `process.exitCode`. */
export async function run(argv: readonly string[]): Promise<void> {
  quitWithoutReader();
  try {
    const [, , name = ''] = argv;
    await (await createProgram(name)).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The program for a line that begins with `name`, which may be that of a command. */
async function createProgram(name: string): Promise<Command> {
  const program = new Command('gpt2-wasm')
    .description('Run GPT-2 language models on the CPU, in WebAssembly.')
    .version(packageVersion(), '--version', 'print the version')
    .addHelpOption(helpOption())
    .configureHelp(helpConfiguration())
    .configureOutput({
      writeOut: (text) => void process.stdout.write(fitHelp(text)),
      writeErr: (text) => void process.stderr.write(withoutControls(text)),
    })
    .helpCommand(false)
    .addHelpText('after', `${EXAMPLES}\n${EXIT_CODES}`)
    .exitOverride();
  for (const add of await Promise.all(usedBy(name).map((load) => load()))) add(program);
  if (!Object.hasOwn(COMMANDS, name)) addHelp(program);
  for (const command of program.commands) {
    command.addHelpText('after', EXIT_CODES);
    command.configureOutput({ outputError: (text, write) => write(withHint(text, command)) });
    command.showHelpAfterError(`("gpt2-wasm ${command.name()} --help" lists the options)`);
  }
  return program;
}

/** The commands that a line needs. The help, and the advice for a name that no command has, are about all. */
function usedBy(name: string) {
  if (Object.hasOwn(COMMANDS, name)) return [COMMANDS[name]!];
  return name === '--version' ? [] : Object.values(COMMANDS);
}

/** Adds a suggestion to commander's message about an unknown option. */
function withHint(message: string, command: Command): string {
  const [, option] = /^error: unknown option '(.*)'\n$/s.exec(message) ?? [];
  if (option === undefined) return message;
  if (!/^--[a-z]/i.test(option)) {
    const example = `gpt2-wasm ${command.name()} -- ${JSON.stringify(option)}`;
    return `error: unknown option '${option}'; if it is text, put -- before it: ${example}\n`;
  }
  const alias = aliasHint(
    option,
    command.options.map((known) => known.attributeName()),
  );
  if (alias === undefined) return message;
  const hint = alias.replace(/^did you mean (\w+)/, (_, name: string) => `did you mean ${flagOf(name)}`);
  return `error: unknown option '${option}'; ${hint}\n`;
}

/** Reports an error on stderr. Gives the exit code. */
function report(error: unknown): number {
  // commander has already printed its message, or the help or version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof Gpt2Error) {
    const isUsage = error.code === 'invalid-option' || error.code === 'context-full';
    note(`error: ${inFlagTerms(error.message)}`);
    return isUsage ? USAGE : FAILED;
  }
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return FAILED;
}

function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
