import { Gpt2Error } from '../../base/errors.js';
import type { ModelSource } from '../../files/source.js';
import type { Checkpoint } from '../checkpoint.js';
import type { StoredTensor } from '../stored_tensor.js';
import type { WeightedChanges } from './adapter.js';

/** A file of no source, in which the numbers of heads are. */
const FILE = 'heads of adapters';

/** The tensors of heads that adapters have, and a source of their numbers alone. */
export interface AdapterHeads {
  readonly tensors: readonly StoredTensor[];
  readonly source: Pick<ModelSource, 'name' | 'read'>;
}

/**
 * The heads for other tasks that adapters have; undefined if there are none. Throws `invalid-option` for two heads of
 * the same name, and for one whose adapter has another weight than 1.
 */
export function headsOf(adapters: readonly WeightedChanges[]): AdapterHeads | undefined {
  const tensors = new Map<string, StoredTensor>();
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const { adapter, weight } of adapters) {
    for (const [name, { shape, values }] of adapter.heads ?? []) {
      if (weight !== 1 || tensors.has(name)) {
        throw new Gpt2Error(
          'invalid-option',
          weight === 1
            ? `two adapters have ${name}, of which a model has one`
            : `an adapter has ${name} whole, which has no multiple; its weight must be 1, not ${weight}`,
        );
      }
      const end = start + values.byteLength;
      tensors.set(name, { name, file: FILE, dtype: 'F32', shape, start, end });
      parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      start = end;
    }
  }
  if (tensors.size === 0) return undefined;
  const bytes = new Uint8Array(start);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const read = async (_: string, from: number, to: number) => bytes.slice(from, to);
  return { tensors: [...tensors.values()], source: { name: 'the adapters', read } };
}

/** A checkpoint with the heads of adapters in place of its own of the same names. */
export function withHeads(checkpoint: Checkpoint, heads: AdapterHeads | undefined): Checkpoint {
  if (heads === undefined) return checkpoint;
  const { source } = checkpoint;
  const names = new Set(heads.tensors.map(({ name }) => name));
  const own = (checkpoint.taskHeads ?? []).filter(
    ({ name }) => !names.has(name.replace(/^transformer\./, '')),
  );
  return {
    ...checkpoint,
    taskHeads: [...own, ...heads.tensors],
    source: {
      name: source.name,
      list: (signal) => source.list(signal),
      read: (path, ...rest) =>
        path === FILE ? heads.source.read(path, ...rest) : source.read(path, ...rest),
      ...(source.download && { download: (...args) => source.download!(...args) }),
      ...(source.close && { close: () => source.close!() }),
    },
  };
}
