import { asBytes } from '../../../base/bytes.js';
import { invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isBlob } from '../../../base/realms.js';
import type { DataFile } from '../../../files/data_file.js';
import { isJsonObject } from '../../../files/json_object.js';
import { dataFiles, isThere } from '../../../files/platform.js';
import type { Doc, TaskConfig } from '../config/task_config.js';
import { jsonDocument } from '../template/json_value.js';
import { readJsonLines } from './json_lines.js';
import { readParquet } from './parquet.js';

/**
 * The documents of a task: a list of objects; JSON lines or Parquet, by the path of a file, or as a `Blob` or
 * bytes; or the path of a folder with a file for each task, which is named as the task or its `dataset_name`. Several
 * files are read one after the other.
 */
export type DocumentSource =
  | string
  | Blob
  | ArrayBuffer
  | Uint8Array
  | readonly (string | Blob | ArrayBuffer | Uint8Array)[]
  | readonly Doc[];

const ENDINGS = ['.jsonl', '.ndjson', '.jsonl.gz', '.parquet'] as const;
/** The first bytes of a Parquet file. */
const PARQUET = 'PAR1';

/** Reads at most `limit` documents. Throws `invalid-option`, `not-found`, `invalid-file`, `storage` and `aborted`. */
export async function readDocuments(
  source: DocumentSource,
  config: TaskConfig,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  const parts: readonly unknown[] = Array.isArray(source) ? source : [source];
  const docs: Doc[] = [];
  for (const [i, part] of parts.entries()) {
    if (docs.length >= limit) break;
    const left = limit - docs.length;
    if (isJsonObject(part) && !isBlob(part) && asBytes(part) === undefined) {
      docs.push(jsonDocument(part, `data[${i}]`));
    } else for (const doc of await readPart(part, config, left, signal)) docs.push(doc);
  }
  if (docs.length > 0) return docs;
  throw new Gpt2Error('invalid-file', `the data of ${config.task} have no documents`);
}

async function readPart(
  part: unknown,
  config: TaskConfig,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  if (typeof part === 'string') return readFile(await fileOf(part, config), limit, signal);
  const name = `the data of ${config.task}`;
  const given = isBlob(part) ? part : asBytes(part);
  if (given === undefined) throw invalidOption('data', part, 'a path, a Blob, bytes or a list of documents');
  const bytes = isBlob(given) ? given : new Blob([given]);
  if ((await bytes.slice(0, PARQUET.length).text()) === PARQUET) {
    const read = async (start: number, end: number) =>
      new Uint8Array(await bytes.slice(start, end).arrayBuffer());
    return readParquet({ name, byteLength: bytes.size, read }, limit);
  }
  const chunks = async function* () {
    for (let start = 0; start < bytes.size; start += CHUNK) {
      yield new Uint8Array(await bytes.slice(start, start + CHUNK).arrayBuffer());
    }
  };
  return readJsonLines({ name, format: 'jsonl', byteLength: bytes.size, read: chunks }, limit, signal);
}

/** Bytes of a Blob that are read in one go. */
const CHUNK = 2 ** 20;

async function readFile(file: DataFile, limit: number, signal: AbortSignal | undefined): Promise<Doc[]> {
  if (!file.name.endsWith('.parquet')) return readJsonLines(file, limit, signal);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of file.read(signal)) chunks.push(new Uint8Array(chunk));
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  const read = async (start: number, end: number) => bytes.subarray(start, end);
  return readParquet({ name: file.name, byteLength: bytes.length, read }, limit);
}

/** The file at a path, or that of the task in the folder at the path. */
async function fileOf(path: string, { task, dataset_name: name }: TaskConfig): Promise<DataFile> {
  const names = [task, ...(name ? [name] : [])];
  for (const each of names) {
    for (const ending of ENDINGS) {
      const inside = `${path}/${each}${ending}`;
      if (await isThere(inside)) return (await dataFiles([inside]))[0]!;
    }
  }
  const files = await dataFiles([path]);
  if (files.length === 1) return files[0]!;
  throw new Gpt2Error(
    'not-found',
    `${path} has several files, and none for ${task}: its name would be ${names.join(' or ')} with ${ENDINGS.join(', ')}`,
  );
}
