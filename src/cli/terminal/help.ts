import { type Command, Help, type HelpConfiguration, Option } from 'commander';
import { columnsOf } from './terminal.js';

/** Part of every help text. */
export const EXIT_CODES = `
Exit codes:
  0    done
  1    failed: a file or model that cannot be read, too little memory
  2    used wrongly: an unknown option, a bad value, a prompt that does not fit
  130  interrupted by Ctrl-C; 143: by SIGTERM`;

/** Marks options that must be given, and fits tables to the terminal. */
export function helpConfiguration(): HelpConfiguration {
  return { optionDescription, formatItem, helpWidth: columnsOf(process.stdout), minWidthToWrap: 10 };
}

/** Help texts are written for this many columns. */
const HELP_COLUMNS = 80;

/** A help text for a terminal: paragraphs are filled anew if it has fewer columns; tables and examples stay. */
export function fitHelp(text: string, columns: number = columnsOf(process.stdout)): string {
  if (columns >= HELP_COLUMNS) return text;
  const helper = Object.assign(new Help(), { minWidthToWrap: 10 });
  return text.replace(/^\S.*(?:\n\S.*)*$/gm, (paragraph) => {
    const isList = paragraph.startsWith('Usage:') || /:$/m.test(paragraph);
    return isList ? paragraph : helper.boxWrap(paragraph.replaceAll('\n', ' '), columns);
  });
}

/** A line of a table, or if that leaves the description little room, the term with the description below it. */
function formatItem(this: Help, term: string, width: number, description: string, helper: Help): string {
  const columns = helper.helpWidth ?? HELP_COLUMNS;
  if (description === '' || columns - width >= HELP_COLUMNS / 2) {
    return Help.prototype.formatItem.call(this, term, width, description, helper);
  }
  const indent = ' '.repeat(6);
  const lines = this.boxWrap(description, columns - indent.length).split('\n');
  return [`  ${term}`, ...lines.map((line) => indent + line)].join('\n');
}

function optionDescription(this: Help, option: Option): string {
  const description = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `${description} (required)` : description;
}

export function helpOption(): Option {
  return new Option('-h, --help', 'print this help');
}

/** The command `help`: the help of the program, or of the command whose name follows. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .description('print the help of a command')
    .argument('[command...]', 'the name of a command')
    .addHelpOption(helpOption())
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const found = command.commands.find((each) => each.name() === name);
        if (found === undefined) {
          program.error(`error: unknown command '${name}'\n("gpt2-wasm --help" lists the commands)`);
        }
        command = found;
      }
      command.outputHelp();
    });
}
