import type { Command } from 'commander';
import { withPlace } from '../../base/with_place.js';
import { createSigningKey, sha256 } from '../../examine/provenance/keys.js';
import { type GenerationRecord, readRecord } from '../../examine/provenance/record.js';
import { type Verification, verifyRecord } from '../../examine/provenance/verify_record.js';
import type { Model } from '../../model/model.js';
import { loadForCommand } from '../inputs/load_model.js';
import { readBytes } from '../inputs/read_bytes.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { ADAPTER_FLAGS, type ModelValues, SOURCE_FLAGS, THREADS_FLAG } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, jsonText, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
A record says which model wrote a text, with which prompt, options and seed, and
when; its owner's key signs it. Because the same model, prompt and options give
the same bits, verify computes the text again and compares it. Build, weights,
keys and values and context are those of the record. The exit code is 0 if all
agrees, and 1 if not. The record has the prompt and all options in plain text.

Examples:
  gpt2-wasm verify --new-key key.json
  gpt2-wasm generate --record cat.json --key key.json --no-echo "The cat" > cat.txt
  gpt2-wasm verify cat.json
  gpt2-wasm verify cat.json --public-key "$(jq -r .x key.json)" --text cat.txt`;

const FLAGS: Readonly<Record<string, Flag>> = {
  text: {
    value: 'file',
    parse: asText,
    help: 'a text that should be the one of the record, without the prompt',
    standard: 'none',
  },
  publicKey: {
    value: 'key',
    parse: asText,
    help: 'the key that should have signed: "x" of a key file',
    standard: 'any',
  },
  newKey: { value: 'file', parse: asText, help: 'only make a key pair in a new file', standard: 'none' },
};

interface Values extends ModelValues {
  readonly text?: string;
  readonly publicKey?: string;
  readonly newKey?: string;
  readonly json?: true;
}

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('check the signed record of a generation')
    .description('Check the signed record of a generation, and compute its text again.')
    .argument('[record]', 'file that "gpt2-wasm generate --record" wrote, or - for stdin');
  addFlags(command, {
    ...FLAGS,
    ...SOURCE_FLAGS,
    ...ADAPTER_FLAGS,
    threads: THREADS_FLAG,
    json: jsonFlag(),
    quiet: QUIET,
  });
  command
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action((record: string | undefined, values: Values) => {
      if ((record === undefined) === (values.newKey === undefined)) {
        command.error('error: give either a record or --new-key');
      }
      return record === undefined ? writeKey(values) : verify(record, values);
    });
}

async function writeKey({ newKey, json, quiet }: Values): Promise<void> {
  const path = newKey!;
  await checkNewFile(path, undefined);
  const key = await createSigningKey();
  await writeNewFile(path, jsonText(key), undefined, OWNER_ONLY);
  if (json) await writeJson({ file: path, publicKey: key.x });
  if (!quiet) note(`${path}: a new key, to be kept secret; its public key is ${key.x}`);
}

/** Mode of a file that only its owner reads and writes. */
const OWNER_ONLY = 0o600;

async function verify(path: string, values: Values): Promise<void> {
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let loaded: Model | undefined;
  try {
    const record = await recordIn(path, signal);
    const text = values.text === undefined ? undefined : await givenText(values.text, record, signal);
    const { build, weights, kvCache, contextLength } = record.model;
    const recorded = { build, weights, kvCache, contextLength } as ModelValues;
    const model = await loadForCommand({ ...recorded, ...values }, signal);
    loaded = model;
    const found = await verifyRecord(model, record, { text, publicKey: values.publicKey, signal });
    const { time, publicKey } = record;
    if (values.json) await writeJson({ ...found, time, publicKey });
    else await new TextOutput().write(`${linesOf(found, record).join('\n')}\n`);
    if (!found.isValid) process.exitCode = 1;
  } catch (error) {
    interrupt.report(error, 'interrupted; nothing was verified');
  } finally {
    loaded?.dispose();
  }
}

async function recordIn(path: string, signal: AbortSignal): Promise<GenerationRecord> {
  const json = new TextDecoder().decode(await readBytes(path, signal));
  try {
    return readRecord(json);
  } catch (error) {
    throw withPlace(error, path === '-' ? 'stdin' : path);
  }
}

/**
 * The text of a file. Its last line break, which "generate" adds, is left out if the record has the text without
 * it.
 */
async function givenText(path: string, { choices }: GenerationRecord, signal: AbortSignal): Promise<string> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readBytes(path, signal));
  const withoutEnd = text.replace(/\n$/, '');
  const hash = await sha256(withoutEnd);
  return choices.some((choice) => choice.text === hash) ? withoutEnd : text;
}

/** A verification as lines for people. */
function linesOf(
  { isValid, signature, key, modelDifferences, recomputed, text }: Verification,
  { publicKey, time }: { readonly publicKey: string; readonly time: string },
): string[] {
  const whose = key === undefined ? '' : key ? ', as expected' : ', which is not the expected key';
  const bits = recomputed ? 'the same bits again' : 'NOT what the model computes';
  return [
    `signature  ${signature ? `valid, by ${publicKey}${whose}, dated ${time}` : 'NOT VALID: the record was changed'}`,
    `model      ${modelDifferences === '' ? 'the same' : `NOT THE SAME: the text was made ${modelDifferences}`}`,
    `computed   ${recomputed === undefined ? 'not: the record is not genuine, or is about another model' : bits}`,
    ...(text === undefined
      ? []
      : [`text       ${text ? 'the one of the record' : 'NOT the one of the record'}`]),
    isValid ? 'verified' : 'NOT VERIFIED',
  ];
}
