/** A list of numbers in a file of PyTorch: the name of its class, and its bytes as stored. */
export interface WrittenStorage {
  readonly key: string;
  readonly type: string;
  /** Numbers, or bytes of an UntypedStorage. */
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly device?: string;
  /**
   * First number and length of the part that the tensor has as its storage, in the format before PyTorch 0.4.
   */
  readonly part?: readonly [first: number, length: number];
}

/** Python values beside numbers, texts, null, booleans, arrays (tuples) and maps (ordered dictionaries). */
export class WrittenTensor {
  readonly storage: WrittenStorage;
  readonly offset: unknown;
  readonly shape: readonly unknown[];
  readonly strides: readonly unknown[];
  /** Made as a parameter. */
  readonly isParameter: boolean;

  constructor(
    storage: WrittenStorage,
    offset: unknown,
    shape: readonly unknown[],
    strides: readonly unknown[],
    isParameter = false,
  ) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    this.isParameter = isParameter;
  }
}

/** A call of a name with arguments, and the state of what it gives. */
export class WrittenObject {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly state: unknown;

  constructor(module: string, name: string, args: readonly unknown[] = [], state?: unknown) {
    this.module = module;
    this.name = name;
    this.args = args;
    this.state = state;
  }
}

const latin1 = (text: string) => [...Buffer.from(text, 'latin1')];
const little = (bytes: number, value: number | bigint) =>
  Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
const text = (value: string) => {
  const bytes = [...Buffer.from(value, 'utf8')];
  return [...latin1('X'), ...little(4, bytes.length), ...bytes];
};
const name = (module: string, local: string) => latin1(`c${module}\n${local}\n`);

function integer(value: number | bigint): number[] {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    return [...latin1('J'), ...little(4, value)];
  }
  const big = BigInt(value);
  let length = 1;
  while (BigInt.asIntN(8 * length, big) !== big) length++;
  return [0x8a, length, ...little(length, BigInt.asUintN(8 * length, big))];
}

/** The part of a storage that a view of it names, or None. */
function part({ key, part }: WrittenStorage): number[] {
  if (part === undefined) return latin1('N');
  return [...latin1('('), ...text(`${key}-part`), ...part.flatMap(integer), ...latin1('t')];
}

/** Opcodes of a value in protocol 2. */
function opcodes(value: unknown, isLegacy: boolean): number[] {
  const of = (inner: unknown) => opcodes(inner, isLegacy);
  const tuple = (items: readonly unknown[]) => [...latin1('('), ...items.flatMap(of), ...latin1('t')];
  if (value === null || value === undefined) return latin1('N');
  if (typeof value === 'boolean') return [value ? 0x88 : 0x89];
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string') return text(value);
  if (value instanceof WrittenTensor) {
    const { storage, offset, shape, strides, isParameter } = value;
    const { type, key, device = 'cpu', length } = storage;
    const [module, local] = type.includes('.') ? type.split(/\.(?=\w+$)/) : ['torch', type];
    const id = [
      ...[...latin1('('), ...text('storage'), ...name(module!, local!), ...text(key), ...text(device)],
      ...[...integer(length), ...(isLegacy ? part(storage) : []), ...latin1('tQ')],
    ];
    const hooks = [...name('collections', 'OrderedDict'), ...latin1(')R')];
    const rebuilt = [
      ...[...name('torch._utils', '_rebuild_tensor_v2'), ...latin1('('), ...id, ...of(offset)],
      ...[...tuple(shape), ...tuple(strides), 0x89, ...hooks, ...latin1('tR')],
    ];
    if (!isParameter) return rebuilt;
    return [
      ...name('torch._utils', '_rebuild_parameter'),
      ...latin1('('),
      ...rebuilt,
      0x88,
      ...hooks,
      ...latin1('tR'),
    ];
  }
  if (value instanceof WrittenObject) {
    const made = [...name(value.module, value.name), ...tuple(value.args), ...latin1('R')];
    return value.state === undefined ? made : [...made, ...of(value.state), ...latin1('b')];
  }
  if (value instanceof Map) {
    const items = [...value].flatMap((pair) => pair.flatMap(of));
    return [...name('collections', 'OrderedDict'), ...latin1(')R('), ...items, ...latin1('u')];
  }
  if (Array.isArray(value)) return tuple(value);
  throw new TypeError(`no Python value: ${String(value)}`);
}

const pickle = (value: unknown, isLegacy = false) => [0x80, 2, ...opcodes(value, isLegacy), ...latin1('.')];

/** Storages of the tensors in a value, in the order of their first use. */
function storagesOf(value: unknown, found = new Map<string, WrittenStorage>()): Map<string, WrittenStorage> {
  if (value instanceof WrittenTensor) found.set(value.storage.key, value.storage);
  else if (value instanceof Map) for (const inner of value.values()) storagesOf(inner, found);
  else if (Array.isArray(value)) for (const inner of value) storagesOf(inner, found);
  else if (value instanceof WrittenObject) storagesOf([...value.args, value.state], found);
  return found;
}

/** A file of torch.save with `_use_new_zipfile_serialization=False`. */
export function legacyFile(value: unknown): Uint8Array<ArrayBuffer> {
  const storages = [...storagesOf(value).values()];
  const head = [
    ...pickle(0x1950a86a20f9469cfc6cn),
    ...pickle(1001),
    ...pickle(new Map([['little_endian', true]])),
    ...pickle(value, true),
    ...pickle(storages.map(({ key }) => key)),
  ];
  return joined([
    Uint8Array.from(head),
    ...storages.flatMap(({ length, bytes }) => [Uint8Array.from(little(8, length)), bytes]),
  ]);
}

/** How an archive is laid out. */
export interface ZipLayout {
  readonly folder?: string;
  readonly byteOrder?: 'little' | 'big' | undefined;
  /** Contents begin at multiples of this; default 64. */
  readonly alignment?: number;
  readonly hasDescriptors?: boolean;
  /** Ends with records of ZIP64. */
  readonly isZip64?: boolean;
  /** Files before data.pkl, by name. */
  readonly others?: Readonly<Record<string, Uint8Array>>;
}

/** A file of torch.save: an archive of files that are stored as they are. */
export function zipFile(value: unknown, layout: ZipLayout = {}): Uint8Array<ArrayBuffer> {
  const { folder = 'archive', byteOrder, others = {} } = layout;
  const files: Record<string, Uint8Array> = {
    ...others,
    [`${folder}/data.pkl`]: Uint8Array.from(pickle(value)),
  };
  if (byteOrder !== undefined) files[`${folder}/byteorder`] = Uint8Array.from(latin1(byteOrder));
  for (const { key, bytes, device } of storagesOf(value).values()) {
    if (device !== 'meta') files[`${folder}/data/${key}`] = bytes;
  }
  files[`${folder}/version`] = Uint8Array.from(latin1('3\n'));
  return archive(files, layout);
}

/** An archive with these files. */
export function archive(
  files: Readonly<Record<string, Uint8Array>>,
  { alignment = 64, hasDescriptors = false, isZip64 = false }: ZipLayout = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: number[] = [];
  let at = 0;
  const add = (bytes: Uint8Array | number[]) => {
    parts.push(Uint8Array.from(bytes));
    at += bytes.length;
  };
  const flags = hasDescriptors ? 8 : 0;
  for (const [path, bytes] of Object.entries(files)) {
    const nameBytes = [...Buffer.from(path, 'utf8')];
    const start = at;
    const padding = (alignment - ((at + 30 + nameBytes.length + 4) % alignment)) % alignment;
    const sizes = hasDescriptors ? [0, 0] : [bytes.length, bytes.length];
    add([
      ...[...little(4, 0x04034b50), ...little(2, 0), ...little(2, flags), ...little(2, 0), ...little(8, 0)],
      ...[...little(4, sizes[0]!), ...little(4, sizes[1]!), ...little(2, nameBytes.length)],
      ...[...little(2, padding + 4), ...nameBytes, ...latin1('FB'), ...little(2, padding)],
      ...new Array<number>(padding).fill(90),
    ]);
    add(bytes);
    if (hasDescriptors) {
      add([
        ...little(4, 0x08074b50),
        ...little(4, 0),
        ...little(4, bytes.length),
        ...little(4, bytes.length),
      ]);
    }
    const long = isZip64
      ? [
          ...little(2, 1),
          ...little(2, 24),
          ...little(8, bytes.length),
          ...little(8, bytes.length),
          ...little(8, start),
        ]
      : [];
    const field = (value: number) => little(4, isZip64 ? 0xffffffff : value);
    directory.push(
      ...[...little(4, 0x02014b50), ...little(4, 0), ...little(2, flags), ...little(2, 0), ...little(8, 0)],
      ...[...field(bytes.length), ...field(bytes.length), ...little(2, nameBytes.length)],
      ...[...little(2, long.length), ...little(10, 0), ...field(start), ...nameBytes, ...long],
    );
  }
  const start = at;
  const count = Object.keys(files).length;
  add(directory);
  if (isZip64) {
    const end = at;
    add([
      ...[...little(4, 0x06064b50), ...little(8, 44), ...little(4, 0), ...little(8, 0)],
      ...[...little(8, count), ...little(8, count), ...little(8, directory.length), ...little(8, start)],
    ]);
    add([...little(4, 0x07064b50), ...little(4, 0), ...little(8, end), ...little(4, 1)]);
  }
  const field = (bytes: number, value: number) => little(bytes, isZip64 ? 2 ** (8 * bytes) - 1 : value);
  add([
    ...[...little(4, 0x06054b50), ...little(4, 0), ...field(2, count), ...field(2, count)],
    ...[...field(4, directory.length), ...field(4, start), ...little(2, 0)],
  ]);
  return joined(parts);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
