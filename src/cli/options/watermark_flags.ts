import type { Command } from 'commander';
import { parseJson } from '../../files/json.js';
import type { Watermark } from '../../generate/watermark/watermark.js';
import { addFlags, asText, type Flag } from './flag.js';
import { readFlagFile } from './flag_file.js';

/** Name of the field for the key, by the kind of the watermark. */
const KEY_FIELDS: Readonly<Record<string, string>> = { kgw: 'hashingKey', unigram: 'key', synthid: 'keys' };

/** The flags that describe a watermark, to write or to read it. */
export const WATERMARK_FLAGS: Readonly<Record<'watermark' | 'watermarkKey', Flag>> = {
  watermark: {
    value: 'kind|file',
    parse: asText,
    help: 'a watermark in the choice of tokens: kgw, unigram, synthid, or a JSON file with its settings',
    standard: 'none',
  },
  watermarkKey: {
    value: 'integer',
    help: 'the secret key of the watermark',
    range: '0 to 2^53 - 1',
    standard: 'that of the file; for kgw 15485863, which is no secret',
  },
};

interface Values {
  readonly watermark?: string;
  readonly watermarkKey?: number;
}

export function addWatermarkFlags(command: Command): void {
  addFlags(command, WATERMARK_FLAGS, 'Watermark:');
}

/**
 * The watermark that the command line describes, if any; the library checks it. Ends with a usage error if a key is
 * missing, or stands alone.
 */
export async function watermarkOption(command: Command): Promise<Watermark | undefined> {
  const { watermark: given, watermarkKey: key } = command.opts<Values>();
  if (given === undefined) {
    if (key !== undefined) command.error('error: --watermark-key needs --watermark');
    return undefined;
  }
  const isKind = Object.hasOwn(KEY_FIELDS, given);
  if (isKind && given !== 'kgw' && key === undefined) {
    command.error(`error: --watermark ${given} needs --watermark-key`);
  }
  const settings = isKind
    ? { kind: given }
    : (parseJson(await readFlagFile(command, 'watermark', given), given) as {
        readonly kind?: unknown;
      } | null);
  const field = KEY_FIELDS[String(settings?.kind)];
  const isKeyed = key !== undefined && field !== undefined;
  return (isKeyed ? { ...settings, [field]: key } : settings) as Watermark;
}
