import type { Command } from 'commander';
import { readFileBytes } from '../inputs/read_bytes.js';
import { flagOf } from './flag.js';

/** The bytes of the file that a flag names. Ends with a usage error if it cannot be read. */
export async function readFlagFile(command: Command, name: string, path: string): Promise<Uint8Array> {
  try {
    return await readFileBytes(path);
  } catch (error) {
    return command.error(`error: ${flagOf(name)} cannot read its file: ${(error as Error).message}`);
  }
}
