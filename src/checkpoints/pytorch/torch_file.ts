import { Gpt2Error } from '../../base/errors.js';
import { PickleFile, readPickleIn } from '../../files/pickle/read_pickle.js';
import { described } from '../../files/pickle/values.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { isTorchPickle, isZip } from './is_torch.js';
import { otherFile } from './other_file.js';
import { type TorchStorage, torchHooks } from './torch_values.js';
import { readZip, type ZipArchive } from './zip.js';

/** A file of torch.save. */
export interface TorchFile {
  readonly file: SourceFile;
  /** The value that was saved, in which tensors are `TorchTensor`s. */
  readonly value: unknown;
  /** Positions of the numbers of storages in the file, by key. */
  readonly starts: ReadonlyMap<string, number>;
  /** Whether the bytes of numbers are in the order of big-endian machines. */
  readonly isSwapped: boolean;
}

/** The number that begins a file of torch.save before version 1.6, and its version. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** Bytes of the length before each storage. */
const LENGTH_BYTES = 8;
/** Bytes that tell the kind of a file. */
const HEAD_BYTES = 512;

/**
 * Reads what torch.save wrote, but for the numbers of tensors: a ZIP archive or, before version 1.6, several
 * pickles. No code of the file runs. Throws `invalid-file` and `unsupported`.
 */
export async function readTorchFile(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<TorchFile> {
  const where = `${file.path} of ${source.name}`;
  const head = await readExactly(source, file.path, 0, Math.min(file.byteLength, HEAD_BYTES), signal);
  if (isZip(head)) return readArchive(source, file, where, signal);
  if (!isTorchPickle(head)) throw otherFile(head, where);
  return readLegacy(source, file, where, signal);
}

async function readArchive(
  source: ModelSource,
  file: SourceFile,
  where: string,
  signal: AbortSignal | undefined,
): Promise<TorchFile> {
  const archive = await readZip(source, file, signal);
  const folder = folderOf(archive, where);
  const pickleName = `${folder}/data.pkl`;
  const orderName = `${folder}/byteorder`;
  const hasOrder = archive.entries.has(orderName);
  const own = await archive.starts([pickleName, ...(hasOrder ? [orderName] : [])], signal);
  const rangeOf = (name: string): [number, number] => {
    const start = own.get(name)!;
    return [start, start + archive.entries.get(name)!.byteLength];
  };
  const storages = new Map<string, TorchStorage>();
  const hooks = torchHooks(`${pickleName} in ${where}`, storages);
  const value = await readPickleIn(
    source,
    file.path,
    rangeOf(pickleName),
    `${pickleName} in ${where}`,
    hooks,
    signal,
  );
  const isSwapped = hasOrder && (await readOrder(source, file, rangeOf(orderName), where, signal));
  const nameOf = (key: string) => `${folder}/data/${key}`;
  const wanted = [...storages.values()].filter(({ device }) => device !== 'meta');
  for (const { key, length, type } of wanted) {
    const stored = archive.entries.get(nameOf(key))?.byteLength;
    if (stored !== undefined && stored >= length * type.bytes) continue;
    const has = stored === undefined ? 'is not in the archive' : `has ${stored} bytes there`;
    throw new Gpt2Error(
      'invalid-file',
      `${where}: storage ${JSON.stringify(key)} of ${length} numbers of ${type.bytes} bytes ${has}`,
    );
  }
  const starts = await archive.starts(
    wanted.map(({ key }) => nameOf(key)),
    signal,
  );
  return {
    file,
    value,
    starts: new Map(wanted.map(({ key }) => [key, starts.get(nameOf(key))!])),
    isSwapped,
  };
}

/** The folder in the archive, which torch.save names after the file. */
function folderOf({ entries }: ZipArchive, where: string): string {
  const names = [...entries.keys()];
  const found = names.find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (names.some((name) => /^[^/]+\/(?:constants\.pkl|code\/.*)$/.test(name))) {
    throw new Gpt2Error(
      'unsupported',
      `${where} is a program in TorchScript, which is not run; save the weights of its model: ` +
        'torch.save(model.state_dict(), "pytorch_model.bin")',
    );
  }
  if (found !== undefined) return found.slice(0, found.indexOf('/'));
  throw new Gpt2Error('invalid-file', `${where} is a ZIP archive, but none of PyTorch: it has no data.pkl`);
}

async function readOrder(
  source: ModelSource,
  { path }: SourceFile,
  [start, end]: readonly [number, number],
  where: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const bytes = await readExactly(source, path, start, Math.min(end, start + 8), signal);
  const order = String.fromCharCode(...bytes);
  if (order === 'little' || order === 'big') return order === 'big';
  throw new Gpt2Error(
    'invalid-file',
    `${where} has byte order ${JSON.stringify(order)}; it must be little or big`,
  );
}

async function readLegacy(
  source: ModelSource,
  file: SourceFile,
  where: string,
  signal: AbortSignal | undefined,
): Promise<TorchFile> {
  const damaged = (problem: string) => new Gpt2Error('invalid-file', `${where} ${problem}`);
  const pickles = new PickleFile(source, file, signal);
  if ((await pickles.next()) !== MAGIC) throw damaged('is a pickle, but was not written by torch.save');
  const protocol = await pickles.next();
  if (protocol !== PROTOCOL)
    throw damaged(`has version ${described(protocol)} of PyTorch's old format, not ${PROTOCOL}`);
  await pickles.next(); // the machine that wrote it; the numbers are little-endian whatever it was
  const storages = new Map<string, TorchStorage>();
  const value = await pickles.next(torchHooks(where, storages));
  const keys = await pickles.next();
  if (!Array.isArray(keys)) throw damaged('has no list of storages behind its pickle');
  const starts = new Map<string, number>();
  let at = pickles.at;
  for (const key of keys) {
    const storage = storages.get(key as string);
    if (storage === undefined || starts.has(storage.key)) {
      throw damaged(`lists storage ${described(key)}, which is unknown or listed twice`);
    }
    checkLength(pickles.bytes, at, storage, damaged);
    starts.set(storage.key, at + LENGTH_BYTES);
    at += LENGTH_BYTES + storage.length * storage.type.bytes;
    if (!(at <= file.byteLength)) {
      throw damaged(
        `ends within storage ${JSON.stringify(storage.key)} of ${storage.length} numbers; it is cut off or damaged`,
      );
    }
  }
  return { file, value, starts, isSwapped: false };
}

/** Compares the length before a storage with that in the pickle, if it is among the bytes that were read. */
function checkLength(
  bytes: Uint8Array,
  at: number,
  { key, length }: TorchStorage,
  damaged: (problem: string) => Gpt2Error,
): void {
  if (at + LENGTH_BYTES > bytes.length) return;
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(at, true);
  if (stored === BigInt(length)) return;
  throw damaged(`has ${stored} numbers in storage ${JSON.stringify(key)}, and ${length} by its pickle`);
}
