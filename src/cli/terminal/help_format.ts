import { type Command, Help, type HelpConfiguration, Option } from 'commander';
import { columnsOf } from './terminal.js';

/** End of every help text. */
export const EXIT_CODES = `
Exit codes:
  0    success
  1    failure: a file or model that cannot be read, too little memory
  2    usage error: an unknown option, a bad value, a prompt that is too long
  130  interrupted by Ctrl-C; 143: by SIGTERM`;

/**
 * Fits tables to the terminal, and prints descriptions of options as they are: they state choices and
 * defaults.
 */
export function helpConfiguration(): HelpConfiguration {
  const optionDescription = ({ description }: Option) => description;
  const helpWidth = columnsOf(process.stdout);
  return { optionDescription, padWidth, formatItem, helpWidth, minWidthToWrap: 10 };
}

/** Columns for which help texts are written. */
const HELP_COLUMNS = 80;

/**
 * Fits a help text to a terminal: wraps paragraphs again if it has fewer columns, but not tables and
 * examples.
 */
export function fitHelp(text: string, columns: number = columnsOf(process.stdout)): string {
  if (columns >= HELP_COLUMNS) return text;
  const helper = Object.assign(new Help(), { minWidthToWrap: 10 });
  return text.replace(/^\S.*(?:\n\S.*)*$/gm, (paragraph) => {
    const isList = paragraph.startsWith('Usage:') || /:$/m.test(paragraph);
    return isList ? paragraph : helper.boxWrap(paragraph.replaceAll('\n', ' '), columns);
  });
}

/** Longer terms have their description below, so that they take no room from the others. */
const MOST_TERM = 30;

function padWidth(this: Help, command: Command, helper: Help): number {
  return Math.min(MOST_TERM, Help.prototype.padWidth.call(this, command, helper));
}

/** Formats a row of a table. If the description has little room beside the term, it goes below the term. */
function formatItem(this: Help, term: string, width: number, description: string, helper: Help): string {
  const columns = helper.helpWidth ?? HELP_COLUMNS;
  if (description === '' || (term.length <= width && columns - width >= HELP_COLUMNS / 2)) {
    return Help.prototype.formatItem.call(this, term, width, description, helper);
  }
  const indent = ' '.repeat(6);
  const lines = this.boxWrap(description, columns - indent.length).split('\n');
  return [`  ${term}`, ...lines.map((line) => indent + line)].join('\n');
}

export function helpOption(): Option {
  return new Option('-h, --help', 'print this help');
}
