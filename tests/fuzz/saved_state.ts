import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FuzzState } from './fuzz_run.js';

const FOLDER = fileURLToPath(new URL('../../build/fuzz/', import.meta.url));

/** Saves how far a target has come, for `--continue`. */
export function saveState(target: string, { seed, next, kept }: FuzzState): void {
  mkdirSync(FOLDER, { recursive: true });
  const texts = kept.map((input) => Buffer.from(input).toString('base64'));
  writeFileSync(`${FOLDER}${target}.json`, JSON.stringify({ seed, next, kept: texts }));
}

/** The state that the last run of a target saved. */
export function savedState(target: string): FuzzState | undefined {
  const path = `${FOLDER}${target}.json`;
  if (!existsSync(path)) return undefined;
  const { seed, next, kept } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly seed: number;
    readonly next: number;
    readonly kept: readonly string[];
  };
  return { seed, next, kept: kept.map((input) => new Uint8Array(Buffer.from(input, 'base64'))) };
}
