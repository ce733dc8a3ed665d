import type { Command } from 'commander';
import { parseJson } from '../../files/json.js';
import type { FormatDefinition, JsonSchemaFormat } from '../../generate/constraints/format.js';
import { addFlags, asText, type Flag, flagOf } from './flag.js';
import { readFlagFile } from './flag_file.js';
import { parseChoices } from './parse.js';

/** Default of the flags that give the form. */
const ANY = 'any form';

const KINDS = ['jsonSchema', 'regex', 'grammar', 'choices'] as const;

/** The flags of the form of the text. */
export const FORMAT_FLAGS: Readonly<Record<(typeof KINDS)[number] | 'jsonOrder' | 'jsonWhitespace', Flag>> = {
  jsonSchema: {
    value: 'file',
    parse: asText,
    help: 'write JSON that the JSON schema in this file describes',
    standard: ANY,
  },
  jsonOrder: {
    value: 'order',
    choices: ['schema', 'any'],
    help: 'with --json-schema: order of the properties of objects',
    standard: 'schema',
  },
  jsonWhitespace: {
    value: 'amount',
    choices: ['compact', 'any'],
    help: 'with --json-schema: white space between the parts of JSON: none (compact), or any',
    standard: 'compact',
  },
  regex: {
    value: 'pattern',
    parse: asText,
    help: 'write text that this regular expression matches as a whole',
    standard: ANY,
  },
  grammar: {
    value: 'file',
    parse: asText,
    help: 'write text of the GBNF grammar in this file',
    standard: ANY,
  },
  choices: {
    value: 'texts',
    parse: parseChoices,
    help: 'write one of these texts, separated by commas; \\, is a comma in a text',
    isRepeatable: true,
  },
};

interface Values {
  readonly jsonSchema?: string;
  readonly jsonOrder?: JsonSchemaFormat['order'];
  readonly jsonWhitespace?: JsonSchemaFormat['whitespace'];
  readonly regex?: string;
  readonly grammar?: string;
  readonly choices?: readonly string[];
}

export function addFormatFlags(command: Command): void {
  addFlags(command, FORMAT_FLAGS, 'Form of the text:');
}

/** The form that the command line asks for, if any. Ends with a usage error if it asks for two, or lacks a file. */
export async function formatOption(command: Command): Promise<FormatDefinition | undefined> {
  const values = command.opts<Values>();
  const { regex, choices, jsonOrder: order, jsonWhitespace: whitespace } = values;
  const given = KINDS.filter((kind) => values[kind] !== undefined);
  if (given.length > 1)
    command.error(`error: a text has one form: give one of ${given.map(flagOf).join(' and ')}`);
  if (values.jsonSchema !== undefined) {
    const schema = parseJson(await readFlagFile(command, 'jsonSchema', values.jsonSchema), values.jsonSchema);
    return { jsonSchema: schema as object, ...(order && { order }), ...(whitespace && { whitespace }) };
  }
  if (order ?? whitespace) command.error('error: --json-order and --json-whitespace need --json-schema');
  if (values.grammar !== undefined) {
    return { grammar: new TextDecoder().decode(await readFlagFile(command, 'grammar', values.grammar)) };
  }
  if (regex !== undefined) return { regex };
  return choices && { choices };
}
