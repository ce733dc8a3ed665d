import { Gpt2Error } from '../../base/errors.js';
import { described } from '../../files/pickle/values.js';
import { GatheredAddresses } from '../gathered_source.js';
import { areCounts } from '../safetensors/number_formats.js';
import type { StoredTensor } from '../stored_tensor.js';
import type { TorchFile } from './torch_file.js';
import { isCount, type TorchTensor } from './torch_values.js';

/** Dtypes whose numbers are weights that can be read. */
const READ = new Set(['F32', 'F16', 'BF16', 'F64']);

/** A tensor of a file of PyTorch under its name in the model. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: TorchTensor;
  readonly file: TorchFile;
}

/** How a tensor is to be seen. */
export interface TensorView {
  /** The model has the transpose of it. */
  readonly isTransposed?: boolean;
  /** Its transpose may be given, if that is how its numbers lie. */
  readonly mayTranspose?: boolean;
}

/**
 * Finds the numbers of tensors in files; those that do not lie there as they are used get addresses of their
 * own.
 */
export class TensorPlaces {
  readonly addresses = new GatheredAddresses();
  readonly #source: string;

  /** `source` names the source in messages. */
  constructor(source: string) {
    this.#source = source;
  }

  /**
   * A tensor with its rows in order, or its transpose. Throws `invalid-file` if it is not within its storage,
   * `unsupported` if it has no numbers.
   */
  place(
    { name, tensor, file }: NamedTensor,
    { isTransposed = false, mayTranspose = false }: TensorView = {},
  ): { readonly stored: StoredTensor; readonly isTransposed: boolean } {
    const { path } = file.file;
    const where = `tensor ${JSON.stringify(name)} in ${path} of ${this.#source}`;
    const own = checkedView(tensor, where);
    const seen = isTransposed ? transposed(own) : own;
    const isBetter = mayTranspose && !isInOrder(seen) && isInOrder(transposed(seen));
    const view = isBetter ? transposed(seen) : seen;
    const { dtype } = tensor.type;
    // Masks, counters and numbers of other formats: they are left out or refused by their dtype.
    const range = READ.has(dtype) ? this.#find(tensor, file, view, where) : { dtype, start: 0, end: 0 };
    return { stored: { name, file: path, shape: view.shape, ...range }, isTransposed: isBetter };
  }

  /** The addresses of a view's numbers, and their dtype there. */
  #find(tensor: TorchTensor, file: TorchFile, view: View, where: string) {
    const { storage, type } = tensor;
    if (storage.device === 'meta') {
      throw new Gpt2Error(
        'unsupported',
        `${where} has no numbers: it is on the device meta; save the model once its weights are loaded`,
      );
    }
    const storageStart = file.starts.get(storage.key);
    if (storageStart === undefined) {
      const key = JSON.stringify(storage.key);
      throw new Gpt2Error('invalid-file', `${where} has no numbers: the file has no storage ${key}`);
    }
    const { dtype } = type;
    const bytes = type.bytes as 2 | 4 | 8;
    const { shape, strides } = view;
    const count = shape.reduce((product, length) => product * length, 1);
    const start = storageStart + storage.first * storage.type.bytes + view.offset * bytes;
    const isF64 = dtype === 'F64';
    const { isSwapped } = file;
    if (isInOrder(view) && !isSwapped && !isF64) return { dtype, start, end: start + count * bytes };
    const numbers = { bytes, isSwapped, isF64, start, shape, strides };
    const range = this.addresses.add(file.file, numbers, count * (isF64 ? 4 : bytes));
    return { dtype: isF64 ? 'F32' : dtype, ...range };
  }
}

interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The view of a tensor, which is within its storage. */
function checkedView({ offset, shape, strides, storage, type }: TorchTensor, where: string): View {
  const damaged = (problem: string) => new Gpt2Error('invalid-file', `${where} ${problem}`);
  if (!isCount(offset)) throw damaged(`begins at number ${show(offset)} of its storage`);
  if (!areCounts(shape)) throw damaged(`has shape ${show(shape)}; it must be a list of whole numbers from 0`);
  if (!areCounts(strides) || strides.length !== shape.length) {
    throw damaged(`has strides ${show(strides)}; they must be a whole number from 0 for each dimension`);
  }
  let count = 1;
  let last = offset;
  for (const [i, length] of shape.entries()) {
    count *= length;
    last += (length - 1) * strides[i]!;
  }
  const room = storage.length * storage.type.bytes;
  if (count > 0 && !((last + 1) * type.bytes <= room && count <= Number.MAX_SAFE_INTEGER)) {
    throw damaged(
      `of shape ${show(shape)} and strides ${show(strides)} needs number ${last} of a storage of ` +
        `${Math.floor(room / type.bytes)}`,
    );
  }
  return { offset, shape, strides };
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 8).map(described).join(', ')}]` : described(value);
}

function transposed({ offset, shape, strides }: View): View {
  return { offset, shape: [...shape].reverse(), strides: [...strides].reverse() };
}

/** Whether the numbers lie in the order of the rows, without gaps. */
function isInOrder({ shape, strides }: View): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return true;
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}
