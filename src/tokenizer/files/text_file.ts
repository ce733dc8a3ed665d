import { Gpt2Error } from '../../base/errors.js';

export interface TextFile {
  /** Its name in messages. */
  readonly label: string;
  readonly text: string;
}

/** The text of a file in UTF-8. Throws `invalid-file`. */
export function textOfFile(label: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${label} is not UTF-8 text`, { cause });
  }
}
