import { Gpt2Error } from '../../../base/errors.js';
import type { Doc } from '../config/task_config.js';
import type { Value } from '../template/values.js';

/** Most rows and values of a file: a run of equal ones has a few bytes, and each takes a hundred in memory. */
const MOST_VALUES = 2 ** 17;
const MOST_VALUES_FOR_A_BYTE = 1 / 2;
/** Deepest columns: what lies in others takes memory for each of them. */
const DEEPEST = 32;
/** Most columns with those that they lie in: hyparquet goes through all of them for each. */
const MOST_COLUMNS = 1000;
/** Bytes at the end that are read first: mostly all metadata are in them. */
const FOOTER_BYTES = 2 ** 19;

/** A file that is read by ranges of bytes. */
export interface RangeFile {
  readonly name: string;
  readonly byteLength: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** The rows of a Parquet file, at most `limit`. Throws `invalid-file`, and what reading throws. */
export async function readParquet(file: RangeFile, limit: number): Promise<Doc[]> {
  // The package's own entry for Node opens files by itself, which is done here.
  const { parquetMetadata, parquetRead, parquetReadObjects, parquetSchema } = await import(
    'hyparquet/src/index.js'
  );
  const { pageChecker } = await import('./parquet_pages.js');
  const { checkThrift } = await import('./parquet_thrift.js');
  const { COMPRESSORS: compressors } = await import('./parquet_compressors.js');
  let failure: unknown;
  const slice = async (start: number, end = file.byteLength): Promise<ArrayBuffer> => {
    // Blobs of Node end the process for some ranges that are none.
    if (!(Number.isInteger(start) && start >= 0 && start <= end && end <= file.byteLength))
      throw new TypeError(`it has ${file.byteLength} bytes, and claims those from ${start} to ${end}`);
    try {
      return new Uint8Array(await file.read(start, end)).buffer;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  try {
    const { footer, start } = await footerOf(file.byteLength, slice);
    checkThrift(new DataView(footer), start);
    const metadata = parquetMetadata(footer);
    // The first is the root.
    const columns = metadata.schema.length - 1;
    if (columns > MOST_COLUMNS)
      throw new TypeError(`it has ${columns} columns; at most ${MOST_COLUMNS} are read`);
    checkColumns(metadata.row_groups, parquetSchema(metadata));
    checkRows(metadata, file.byteLength);
    const check = pageChecker(metadata, compressors, file.byteLength);
    const source = {
      byteLength: file.byteLength,
      async slice(start: number, end?: number) {
        const bytes = await slice(start, end);
        check(bytes, start);
        return bytes;
      },
    };
    const rowEnd = Math.min(limit, Number(metadata.num_rows));
    const options = { file: source, metadata, compressors, rowEnd };
    // Columns are decoded alone first: their errors would escape from the assembly of nested columns.
    await parquetRead(options);
    const rows = await parquetReadObjects(options);
    return rows.map((row) => plain(row) as Doc);
  } catch (cause) {
    if (failure !== undefined) throw failure;
    throw new Gpt2Error(
      'invalid-file',
      `${file.name} cannot be read as Parquet: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** The last bytes of a file, and where in them its metadata begin. */
async function footerOf(
  byteLength: number,
  slice: (start: number) => Promise<ArrayBuffer>,
): Promise<{ readonly footer: ArrayBuffer; readonly start: number }> {
  let footer = await slice(Math.max(0, byteLength - FOOTER_BYTES));
  if (footer.byteLength < 8) throw new TypeError(`it has ${byteLength} bytes`);
  // The length of the metadata, and PAR1, are the last 8 bytes.
  const size = 8 + new DataView(footer).getUint32(footer.byteLength - 8, true);
  if (size > footer.byteLength) footer = await slice(byteLength - size);
  return { footer, start: footer.byteLength - size };
}

/** Throws if a file claims more rows than its groups have, or more rows and values than its size allows. */
function checkRows(
  {
    num_rows: all,
    row_groups: groups,
  }: {
    num_rows: bigint;
    row_groups: readonly { num_rows: bigint; columns: readonly { meta_data?: { num_values: bigint } }[] }[];
  },
  byteLength: number,
): void {
  const sum = groups.reduce((rows, { num_rows }) => rows + Number(num_rows), 0);
  if (!groups.every(({ num_rows }) => num_rows >= 0n) || sum !== Number(all))
    throw new TypeError(`it claims ${all} rows, and its groups ${sum}`);
  const columns = groups.flatMap(({ num_rows, columns }) =>
    columns.map(({ meta_data: meta }) => Math.max(Number(num_rows), Number(meta?.num_values ?? 0))),
  );
  const values = columns.reduce((most, count) => most + count, sum);
  const most = MOST_VALUES + MOST_VALUES_FOR_A_BYTE * byteLength;
  if (values > most)
    throw new TypeError(`it has ${values} rows and values; a file of its size may have ${Math.floor(most)}`);
}

/** A column of the schema and what is below it. */
interface SchemaNode {
  readonly element: { readonly name: string };
  readonly children: readonly SchemaNode[];
}

/** Throws if a stored column is none of the schema, which the reader finds only after it began with others. */
function checkColumns(
  groups: readonly { readonly columns: readonly { readonly meta_data?: { path_in_schema: string[] } }[] }[],
  schema: SchemaNode,
): void {
  for (const { columns } of groups) {
    for (const { meta_data } of columns) {
      const depth = meta_data?.path_in_schema.length ?? 0;
      if (depth > DEEPEST)
        throw new TypeError(`it has a column within ${depth - 1} others; at most ${DEEPEST} are read`);
      let node: SchemaNode | undefined = schema;
      for (const name of meta_data?.path_in_schema ?? []) {
        node = node?.children.find(({ element }) => element.name === name);
      }
      if (node === undefined)
        throw new TypeError(`the column ${meta_data?.path_in_schema.join('.')} is not in its schema`);
    }
  }
}

/** A value as JSON has it: large integers become numbers, times texts, bytes their text, NaN and infinity null. */
function plain(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, plain);
  if (typeof value !== 'object') return value as Value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
