import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseNumber } from './parse.js';

/** An option of the command line. */
export interface Flag {
  /** Heading of the help under which the flag is listed. */
  readonly group?: string;
  /** Letter of a short form: `o` for `-o`. */
  readonly short?: string;
  /** Name of the value in the help. A flag without one is a switch. */
  readonly value?: string;
  /** Whether the flag may be given without its value, which is then `true`. */
  readonly isValueOptional?: true;
  readonly help: string;
  /** Valid values, in words, unless `help` lists them. */
  readonly range?: string;
  /** Default, in words. */
  readonly standard?: string | number;
  /** Whether the command fails without the flag. */
  readonly isRequired?: true;
  /** Whether the flag may be given several times. */
  readonly isRepeatable?: true;
  /** Turns the text of the value into the value. By default the value is a number, or one of `choices`. */
  readonly parse?: (text: string, previous: never) => unknown;
  readonly choices?: readonly string[];
}

type Parser = (text: string, previous: unknown) => unknown;

/** `noRepeatNgram` -> `--no-repeat-ngram` */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The option `--name-in-kebab-case`, whose value commands find under `name`. */
export function flagOption(name: string, flag: Flag): Option {
  const { group, short, value, isValueOptional, parse = parseNumber, choices } = flag;
  const names = short === undefined ? flagOf(name) : `-${short}, ${flagOf(name)}`;
  const term = value === undefined ? names : `${names} ${isValueOptional ? `[${value}]` : `<${value}>`}`;
  const option = new Option(term, descriptionOf(flag));
  // commander takes every `--no-x` for the negation of `--x`.
  option.negate = false;
  if (group !== undefined) option.helpGroup(group);
  if (flag.isRequired) option.makeOptionMandatory();
  if (choices !== undefined) option.choices(choices);
  else if (value !== undefined)
    option.argParser<unknown>(isPath(value) ? notEmpty(parse as Parser) : (parse as Parser));
  return option;
}

/** Whether values of this name are paths, or have one. */
const isPath = (value: string): boolean => /\b(?:file|dir|path)\b/.test(value);

/** Refuses the empty path, which a variable of a shell that is not set gives, and which means the current folder to some. */
function notEmpty(parse: Parser): Parser {
  return (text, previous) => {
    if (text === '') throw new InvalidArgumentError('It must not be empty.');
    return parse(text, previous);
  };
}

/** Adds the flags of a table, in its order; `group` is the heading of those that name none. */
export function addFlags(command: Command, flags: Readonly<Record<string, Flag>>, group?: string): void {
  for (const [name, flag] of Object.entries(flags)) {
    const option = flagOption(name, flag);
    if (group !== undefined && flag.group === undefined) option.helpGroup(group);
    command.addOption(option);
  }
}

/** Parser that returns the text unchanged. */
export const asText = (text: string): string => text;

function descriptionOf({ help, range, standard, isRequired, isRepeatable }: Flag): string {
  const facts = [
    ...(range === undefined ? [] : [range]),
    ...(isRequired ? ['required'] : []),
    ...(isRepeatable ? ['repeatable'] : []),
    ...(standard === undefined ? [] : [`default: ${standard}`]),
  ];
  return facts.length === 0 ? help : `${help} (${facts.join('; ')})`;
}
