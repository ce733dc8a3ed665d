import type { ModelSource, SourceFile } from '../../files/source.js';
import type { StoredTensors } from '../format.js';
import { namedTensors } from './named_tensors.js';
import { readShard } from './read_weights.js';
import { TensorPlaces } from './stored_tensors.js';

/**
 * The tensors of a file whose value is a dictionary of them, under the names that they have there, and the
 * source from which their numbers are read. Throws `invalid-file` and `unsupported`.
 */
export async function readTorchDictionary(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<StoredTensors> {
  const places = new TensorPlaces(source.name);
  const named = namedTensors(await readShard(source, file, signal), (name) => name, '', source.name);
  return { tensors: named.map((tensor) => places.place(tensor).stored), source: places.addresses.in(source) };
}
