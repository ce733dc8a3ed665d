/** A tensor of a checkpoint of TensorFlow. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly data: Uint8Array;
  /** TensorFlow's DataType: 1 float, 14 bfloat16, 19 half. */
  readonly type?: number;
  readonly shard?: number;
  /** Stored under other names in parts. */
  readonly isSliced?: boolean;
}

export interface BundleOptions {
  readonly shards?: number;
  /** 1 for big-endian. */
  readonly endianness?: number;
  /** Entries of a block. */
  readonly blockEntries?: number;
  /** Entries between two restarts. */
  readonly restartInterval?: number;
  /** The compression that blocks claim. */
  readonly compression?: number;
}

const join = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** A field of a message, left out if it has protobuf's default as proto3 does. */
function field(number: number, value: number | Uint8Array): Uint8Array {
  if (typeof value !== 'number') return join([varint(8 * number + 2), varint(value.length), value]);
  return value === 0 ? new Uint8Array(0) : join([varint(8 * number), varint(value)]);
}

/** The CRC-32C of bytes, bit by bit, masked as LevelDB stores it. */
export function maskedSum(bytes: Uint8Array): Uint8Array {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum % 2 === 0 ? sum >>> 1 : ((sum >>> 1) ^ 0x82f63b78) >>> 0;
    sum >>>= 0;
  }
  sum = (sum ^ 0xffffffff) >>> 0;
  const rotated = BigInt((sum >>> 15) | (sum << 17)) & 0xffffffffn;
  return new Uint8Array(new Uint32Array([Number((rotated + 0xa282ead8n) & 0xffffffffn)]).buffer);
}

type Pair = readonly [key: string, value: Uint8Array];

function block(pairs: readonly Pair[], interval: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const restarts: number[] = [];
  let length = 0;
  let previous = new Uint8Array(0);
  for (const [i, [key, value]] of pairs.entries()) {
    const bytes = new TextEncoder().encode(key);
    let shared = 0;
    if (i % interval === 0) restarts.push(length);
    else while (shared < previous.length && previous[shared] === bytes[shared]) shared++;
    const entry = join([
      ...[varint(shared), varint(bytes.length - shared), varint(value.length)],
      ...[bytes.subarray(shared), value],
    ]);
    parts.push(entry);
    length += entry.length;
    previous = bytes;
  }
  if (restarts.length === 0) restarts.push(0);
  const ends = new Uint8Array(new Uint32Array([...restarts, restarts.length]).buffer);
  return join([...parts, ends]);
}

/** A table of LevelDB with these pairs, which must be in the order of their keys. */
export function writeTable(
  pairs: readonly Pair[],
  { blockEntries = 40, restartInterval = 16, compression = 0 }: BundleOptions = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (contents: Uint8Array): Uint8Array => {
    const typed = join([contents, Uint8Array.of(compression)]);
    const place = join([varint(length), varint(contents.length)]);
    parts.push(typed, maskedSum(typed));
    length += typed.length + 4;
    return place;
  };
  const index: Pair[] = [];
  for (let first = 0; first < pairs.length; first += blockEntries) {
    const some = pairs.slice(first, first + blockEntries);
    index.push([some.at(-1)![0], add(block(some, restartInterval))]);
  }
  const meta = add(block([], 1));
  const places = join([meta, add(block(index, 1))]);
  const footer = new Uint8Array(48);
  footer.set(places);
  new DataView(footer.buffer).setBigUint64(40, 0xdb4775248b80fb57n, true);
  return join([...parts, footer]);
}

/** The entry of a tensor in an index, `offset` bytes from the start of its file. */
function entry({ shape, data, type = 1, shard = 0, isSliced }: Variable, offset: number): Uint8Array {
  const dimensions = shape.map((size) => field(2, field(1, size)));
  return join([
    ...[field(1, type), field(2, join(dimensions)), field(3, shard)],
    ...[field(4, offset), field(5, isSliced ? 0 : data.length)],
    ...[Uint8Array.of(8 * 6 + 5), maskedSum(data)],
    ...(isSliced ? [field(7, new Uint8Array(0))] : []),
  ]);
}

/** The files of a checkpoint as TensorFlow's Saver writes them, by name: `stem` is `model.ckpt`, for example. */
export function writeBundle(
  stem: string,
  variables: readonly Variable[],
  options: BundleOptions = {},
): Record<string, Uint8Array> {
  const { shards = 1, endianness = 0 } = options;
  const data = Array.from({ length: shards }, () => [] as Uint8Array[]);
  const sizes = data.map(() => 0);
  const version = field(3, field(1, 1));
  const pairs: Pair[] = [['', join([field(1, shards), field(2, endianness), version])]];
  for (const variable of [...variables].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name, shard = 0, data: bytes, isSliced } = variable;
    pairs.push([name, entry(variable, sizes[shard]!)]);
    if (isSliced) continue;
    data[shard]!.push(bytes);
    sizes[shard]! += bytes.length;
  }
  const digits = (number: number) => String(number).padStart(5, '0');
  const files = data.map(
    (parts, i) => [`${stem}.data-${digits(i)}-of-${digits(shards)}`, join(parts)] as const,
  );
  return { ...Object.fromEntries(files), [`${stem}.index`]: writeTable(pairs, options) };
}

/** The name that OpenAI's code has for a weight of transformers. */
export function variableName(name: string): string {
  const [, layer, part, end] = /^(?:h\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)!;
  const path = part!.replaceAll('.', '/');
  if (path === 'wte' || path === 'wpe') return `model/${path}`;
  const letter = end === 'bias' ? 'b' : /ln_\w$/.test(path) ? 'g' : 'w';
  return `model/${layer === undefined ? '' : `h${layer}/`}${path}/${letter}`;
}
