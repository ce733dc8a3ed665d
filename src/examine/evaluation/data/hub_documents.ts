import { Gpt2Error } from '../../../base/errors.js';
import { openDataSet } from '../../../files/platform.js';
import type { Doc, TaskConfig } from '../config/task_config.js';
import { readParquet } from './parquet.js';

/** The branch in which the hub keeps every public data set as Parquet, at config/split/0000.parquet and so on. */
const PARQUET_BRANCH = 'refs/convert/parquet';
const PATH = /^([^/]+)\/(?:partial-)?([^/]+)\/[^/]+\.parquet$/;

/**
 * The documents of a split of a task's data set on the hub, at most `limit`. Throws what `openDataSet` throws, and
 * `not-found` with what there is.
 */
export async function hubDocuments(
  { task, dataset_path: id, dataset_name: name }: TaskConfig,
  split: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  if (id === undefined) {
    throw new Gpt2Error('invalid-option', `${task} names no data set of the hub; give its documents as data`);
  }
  const source = await openDataSet(id, PARQUET_BRANCH, signal);
  const files = (await source.list(signal)).filter(({ path }) => PATH.test(path));
  const partsOf = (path: string) => PATH.exec(path)!.slice(1) as [string, string];
  const configs = [...new Set(files.map(({ path }) => partsOf(path)[0]))];
  // A data set with one configuration needs no name.
  const config = name ?? (configs.length === 1 ? configs[0] : 'default');
  const wanted = files.filter(({ path }) => {
    const [inConfig, inSplit] = partsOf(path);
    return inConfig === config && inSplit === split;
  });
  if (wanted.length === 0) {
    const there = [...new Set(files.map(({ path }) => partsOf(path).join('/')))].join(', ');
    throw new Gpt2Error(
      'not-found',
      `${source.name} has no ${config}/${split}; it has ${there || 'no Parquet'}`,
    );
  }
  const docs: Doc[] = [];
  for (const { path, byteLength } of wanted.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (docs.length >= limit) break;
    await source.download?.([path], { signal });
    const read = (start: number, end: number) => source.read(path, start, end, signal);
    const rows = await readParquet(
      { name: `${path} of ${source.name}`, byteLength, read },
      limit - docs.length,
    );
    for (const row of rows) docs.push(row);
  }
  return docs;
}
