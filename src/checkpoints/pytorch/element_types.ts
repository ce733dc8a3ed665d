/** The number format of a tensor's elements, by the name that safetensors has for it. */
export interface ElementType {
  readonly dtype: string;
  readonly bytes: number;
}

/** Class of its storage, name of its dtype, name in safetensors, bytes. */
const TYPES: readonly (readonly [storage: string, torch: string, dtype: string, bytes: number])[] = [
  ['FloatStorage', 'float32', 'F32', 4],
  ['HalfStorage', 'float16', 'F16', 2],
  ['BFloat16Storage', 'bfloat16', 'BF16', 2],
  ['DoubleStorage', 'float64', 'F64', 8],
  ['LongStorage', 'int64', 'I64', 8],
  ['IntStorage', 'int32', 'I32', 4],
  ['ShortStorage', 'int16', 'I16', 2],
  ['CharStorage', 'int8', 'I8', 1],
  ['ByteStorage', 'uint8', 'U8', 1],
  ['BoolStorage', 'bool', 'BOOL', 1],
  ['ComplexFloatStorage', 'complex64', 'C64', 8],
  ['ComplexDoubleStorage', 'complex128', 'C128', 16],
  ['QInt8Storage', 'qint8', 'QI8', 1],
  ['QUInt8Storage', 'quint8', 'QU8', 1],
  ['QInt32Storage', 'qint32', 'QI32', 4],
  ['', 'float8_e4m3fn', 'F8_E4M3', 1],
  ['', 'float8_e5m2', 'F8_E5M2', 1],
  ['', 'uint16', 'U16', 2],
  ['', 'uint32', 'U32', 4],
  ['', 'uint64', 'U64', 8],
];

const byName = (column: 0 | 1): ReadonlyMap<string, ElementType> =>
  new Map(TYPES.map((row) => [row[column], { dtype: row[2], bytes: row[3] }]));

const BY_STORAGE = byName(0);
const BY_DTYPE = byName(1);
/** A storage without a type counts bytes. */
const BYTES: ElementType = { dtype: 'U8', bytes: 1 };
/** Modules of the classes of storages, in all versions of PyTorch. */
const STORAGE_MODULES = /^torch(?:\.cuda|\.storage)?$/;

/** The type of a storage's elements by the class of the storage: torch.HalfStorage. */
export function typeOfStorage(module: string, name: string): ElementType | undefined {
  if (!STORAGE_MODULES.test(module)) return undefined;
  if (/^_?UntypedStorage$/.test(name)) return BYTES;
  return name === '' ? undefined : BY_STORAGE.get(name);
}

/** The type of a tensor's elements by PyTorch's name for it: torch.float16. */
export function typeOfDtype(module: string, name: string): ElementType | undefined {
  return module === 'torch' ? BY_DTYPE.get(name) : undefined;
}
