import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { Gpt2Error, type Gpt2ErrorCode } from '../../src/base/errors.js';
import type { ModelSource } from '../../src/files/source.js';
import { memorySource } from '../support/sources.js';

export const CHECKPOINTS = fileURLToPath(new URL('../fixtures/checkpoints', import.meta.url));

export type Files = Record<string, Uint8Array | string>;

export interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
export type Header = Record<string, Entry>;

/** The model files of one fixture, for a test to change. */
export function fixture(name: string): Record<string, Uint8Array> {
  const folder = `${CHECKPOINTS}/${name}`;
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file !== 'expected.json')
      .map((file) => [file, readFileSync(`${folder}/${file}`)]),
  );
}

/** Splits a safetensors file by the format's definition, without code of the package. */
export function split(file: Uint8Array): { header: Header; data: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  delete header.__metadata__;
  return { header, data: file.subarray(8 + length) };
}

/** A safetensors file with this header, given as JSON or as text, and data. */
export function join(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

/** The base fixture with another header or other data in model.safetensors. */
export function baseWith(edit: (header: Header, data: Uint8Array) => Uint8Array): ModelSource {
  const files = fixture('base');
  const { header, data } = split(files['model.safetensors']!);
  return memorySource('edited', { ...files, 'model.safetensors': edit(header, data) });
}

/** A fixture with some fields of its config.json replaced; undefined removes one. */
export function withConfig(name: string, fields: Record<string, unknown>): Files {
  const files = fixture(name);
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  return { ...files, 'config.json': JSON.stringify({ ...config, ...fields }) };
}

/** Checks the code and that the message matches every pattern. */
export function assertError(error: unknown, code: Gpt2ErrorCode, ...patterns: RegExp[]): void {
  if (!(error instanceof Gpt2Error)) throw error;
  assert.is(error.code, code, error.message);
  for (const pattern of patterns) assert.match(error.message, pattern);
}

export async function rejects(
  promise: Promise<unknown>,
  code: Gpt2ErrorCode,
  ...patterns: RegExp[]
): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error !== undefined, 'expected a rejection');
  assertError(error, code, ...patterns);
}

export function throws(action: () => unknown, code: Gpt2ErrorCode, ...patterns: RegExp[]): void {
  let error: unknown;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error !== undefined, 'expected an error');
  assertError(error, code, ...patterns);
}
