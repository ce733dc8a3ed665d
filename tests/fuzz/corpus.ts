import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CORPUS = fileURLToPath(new URL('./corpus/', import.meta.url));

/** Keeps an input that failed, and returns the path of its file. */
export function keepFailure(target: string, input: Uint8Array): string {
  mkdirSync(`${CORPUS}${target}`, { recursive: true });
  const path = `${CORPUS}${target}/${createHash('sha1').update(input).digest('hex').slice(0, 12)}`;
  writeFileSync(path, input);
  return path;
}

/** Inputs of a target that failed once. */
export function keptFailures(target: string): { readonly name: string; readonly input: Uint8Array }[] {
  const folder = `${CORPUS}${target}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({
    name,
    input: new Uint8Array(readFileSync(`${folder}/${name}`)),
  }));
}
