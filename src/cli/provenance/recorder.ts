import type { Command } from 'commander';
import { checkedKey } from '../../examine/provenance/keys.js';
import { plainOptions } from '../../examine/provenance/plain_options.js';
import { signGeneration } from '../../examine/provenance/sign_generation.js';
import { parseJson } from '../../files/json.js';
import type { Completion } from '../../generate/completion.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { Model } from '../../model/model.js';
import { readBytes } from '../inputs/read_bytes.js';
import { asText, type Flag } from '../options/flag.js';
import { checkNewFile, jsonText, writeNewFile } from '../outputs/new_file.js';

export const RECORD_FLAGS: Readonly<Record<string, Flag>> = {
  record: {
    value: 'file',
    parse: asText,
    help: 'write a signed record with which "gpt2-wasm verify" computes the text again; needs --key',
    standard: 'none',
  },
  key: {
    value: 'file',
    parse: asText,
    help: 'key that signs the record; "gpt2-wasm verify --new-key FILE" makes one',
    standard: 'none',
  },
};

/** Values of RECORD_FLAGS. */
export interface RecordValues {
  readonly record?: string;
  readonly key?: string;
}

/** Signs and writes the record of a generation. */
export type Recorder = (model: Model, completion: Completion) => Promise<void>;

/**
 * Checks all that can be checked before the generation. Ends with a usage error if one flag lacks the other; throws
 * `invalid-option` for options that cannot be recorded and for a file that exists, and what reading the key throws.
 */
export async function openRecorder(
  command: Command,
  { record, key: keyFile }: RecordValues,
  prompt: string,
  options: GenerateOptions & { readonly signal: AbortSignal },
): Promise<Recorder | undefined> {
  if ((record === undefined) !== (keyFile === undefined)) {
    command.error('error: --record and --key need each other; "gpt2-wasm verify --new-key FILE" makes a key');
  }
  if (record === undefined) return undefined;
  plainOptions(options);
  await checkNewFile(record, undefined);
  const key = checkedKey(parseJson(await readBytes(keyFile!, options.signal), keyFile!));
  return async (model, completion) => {
    const signed = await signGeneration(model, completion, { prompt, options, key });
    await writeNewFile(record, jsonText(signed), undefined);
  };
}
