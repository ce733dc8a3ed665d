import { Gpt2Error } from '../../base/errors.js';
import type { PickleHooks } from '../../files/pickle/machine.js';
import { described, PickleName, PickleObject } from '../../files/pickle/values.js';
import { type ElementType, typeOfDtype, typeOfStorage } from './element_types.js';

/** A list of numbers that tensors are views of. */
export class TorchStorage {
  readonly type: ElementType;
  readonly key: string;
  /** Elements of the whole storage. */
  readonly length: number;
  /** "cpu", "cuda:0"; "meta" has no numbers. */
  readonly device: unknown;
  /** The element of the stored list at which this one begins: older files store parts of storages. */
  readonly first: number;

  constructor(type: ElementType, key: string, length: number, device: unknown, first: number) {
    this.type = type;
    this.key = key;
    this.length = length;
    this.device = device;
    this.first = first;
  }
}

/** A view of a storage as the file describes it; nothing of it has been checked. */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly type: ElementType;
  readonly offset: unknown;
  readonly shape: unknown;
  readonly strides: unknown;

  constructor(storage: TorchStorage, type: ElementType, offset: unknown, shape: unknown, strides: unknown) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** The names of PyTorch that have a meaning here. All others, such as those of sparse tensors, stay inert. */
const CALLS: ReadonlyMap<string, (args: readonly unknown[]) => unknown> = new Map([
  ['torch._utils._rebuild_tensor', tensor],
  ['torch._utils._rebuild_tensor_v2', tensor],
  ['torch._utils._rebuild_tensor_v3', (args: readonly unknown[]) => tensor(args, args[6])],
  ['torch._utils._rebuild_parameter', first],
  ['torch._utils._rebuild_parameter_with_state', first],
  ['torch.nn.parameter.Parameter', first],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', first],
  ['torch._tensor._rebuild_from_type', ofType],
  ['torch._tensor._rebuild_from_type_v2', ofType],
  ['torch.Size', (args: readonly unknown[]) => args[0]],
]);

function tensor([storage, offset, shape, strides]: readonly unknown[], dtype?: unknown): unknown {
  if (!(storage instanceof TorchStorage)) return undefined;
  const type = dtype instanceof PickleName ? typeOfDtype(dtype.module, dtype.name) : storage.type;
  return type && new TorchTensor(storage, type, offset, shape, strides);
}

/** The tensor in a parameter. */
function first([value]: readonly unknown[]): unknown {
  return value instanceof TorchTensor ? value : undefined;
}

/** A tensor of a class of its own, or with attributes: the call that makes the plain tensor comes first. */
function ofType([call, , args]: readonly unknown[]): unknown {
  if (!(call instanceof PickleName) || !Array.isArray(args)) return undefined;
  const plain = CALLS.get(call.full);
  return plain === ofType ? undefined : plain?.(args);
}

/**
 * The meaning of PyTorch's names and of the ids of storages, which are collected in `storages` by their keys.
 * `where` names the pickle in messages.
 */
export function torchHooks(where: string, storages: Map<string, TorchStorage>): PickleHooks {
  const damaged = (problem: string) => new Gpt2Error('invalid-file', `${where}: ${problem}`);

  function persistent(id: unknown): unknown {
    const [kind, type, key, device, length, view] = Array.isArray(id) ? id : [];
    // Older files keep the source of a module beside its class.
    if (kind === 'module') return new PickleObject(new PickleName('torch', 'Module'), [type]);
    const elements = type instanceof PickleName ? typeOfStorage(type.module, type.name) : undefined;
    if (kind !== 'storage' || typeof key !== 'string') {
      throw damaged('it refers to data outside the pickle that is no storage of a tensor');
    }
    if (elements === undefined) {
      const name = type instanceof PickleName ? type.full : 'no name';
      throw damaged(`storage ${JSON.stringify(key)} is of class ${name}, which is unknown`);
    }
    if (!isCount(length)) throw damaged(`storage ${JSON.stringify(key)} has ${described(length)} numbers`);
    const other = storages.get(key);
    if (other !== undefined && (other.type.dtype !== elements.dtype || other.length !== length)) {
      throw damaged(`storage ${JSON.stringify(key)} has two types or lengths`);
    }
    const whole = other ?? new TorchStorage(elements, key, length, device, 0);
    storages.set(key, whole);
    if (!Array.isArray(view)) return whole;
    const [, offset, viewLength] = view;
    if (!isCount(offset) || !isCount(viewLength) || offset + viewLength > length) {
      throw damaged(`a view of storage ${JSON.stringify(key)} is not within it`);
    }
    return new TorchStorage(elements, key, viewLength, device, offset);
  }

  return { call: (name, args) => CALLS.get(name.full)?.(args), persistent };
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
