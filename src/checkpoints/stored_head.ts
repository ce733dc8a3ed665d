import { FNV_START, fnv1a } from '../base/hash.js';
import { decode, storedBytes } from '../dtypes/decode.js';
import { readExactly } from '../files/read.js';
import type { Checkpoint, WeightTensor } from './checkpoint.js';

/** Numbers that are read and compared at once: at most 4 MiB. */
const PART = 2 ** 20;
/** Numbers at each end that are compared before all others are. */
const END = 2 ** 16;

/** Numbers first .. first + count - 1 of a tensor. */
interface Part {
  readonly first: number;
  readonly count: number;
}

/**
 * Decides about a head that is stored beside the embedding: it counts if any of its numbers differs from the
 * embedding's. Each of the two is read once, in the order of its bytes, some chunks at a time; with
 * `endsOnly` only their beginnings and ends are read.
 */
export async function settleStoredHead(
  checkpoint: Checkpoint,
  head: WeightTensor,
  endsOnly: boolean,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const { parameter, dtype, start, end } = head;
  const count = (end - start) / storedBytes(dtype, 1);
  const isTied =
    (await areSame(checkpoint, head, endsOf(count), signal)) &&
    (endsOnly || (await areSame(checkpoint, head, partsOf(count), signal)));
  const { storedHead: _, ...tied } = checkpoint;
  if (isTied) return tied;
  return {
    ...tied,
    config: { ...tied.config, tiedHead: false },
    tensors: new Map([...tied.tensors, [parameter.name, head]]),
    totalBytes: tied.totalBytes + end - start,
    notes: [
      ...tied.notes,
      `${head.file}: ${head.name} has other numbers than the token embedding, so that the output head is its own, ` +
        'as in transformers 5; tie_word_embeddings false would say so',
    ],
  };
}

function endsOf(count: number): Part[] {
  const length = Math.min(count, END);
  return [
    { first: 0, count: length },
    { first: count - length, count: length },
  ];
}

function partsOf(count: number): Part[] {
  return Array.from({ length: Math.ceil(count / PART) }, (_, i) => ({
    first: i * PART,
    count: Math.min(PART, count - i * PART),
  }));
}

/**
 * Whether head and embedding have the same numbers in these parts, by digests: each tensor is read by itself.
 */
async function areSame(
  { source, tensors }: Checkpoint,
  head: WeightTensor,
  parts: readonly Part[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const embedding = tensors.get('wte.weight')!;
  const isSameType = embedding.dtype === head.dtype;
  const buffer = new Uint8Array(4 * PART);
  const digestOf = async (tensor: WeightTensor, { first, count }: Part): Promise<number> => {
    const start = tensor.start + storedBytes(tensor.dtype, first);
    const end = start + storedBytes(tensor.dtype, count);
    const bytes = await readExactly(source, tensor.file, start, end, signal, buffer);
    return digest(isSameType ? wordsOf(bytes) : bitsOf(tensor, bytes, count));
  };
  const digests: number[] = [];
  for (const part of parts) digests.push(await digestOf(embedding, part));
  for (const [i, part] of parts.entries()) if ((await digestOf(head, part)) !== digests[i]) return false;
  return true;
}

/**
 * 53 bits that differ for nearly any two sequences: two FNV-1a sums over the words, from different ends of
 * each.
 */
function digest(words: Uint32Array | Uint8Array): number {
  let low = FNV_START;
  let high = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    low = fnv1a(low, word);
    high = Math.imul(high ^ ((word << 16) | (word >>> 16)), 0x85ebca6b);
    high ^= high >>> 15;
  }
  return (low >>> 0) * 2 ** 21 + (high >>> 11);
}

/** Bytes, four at a time if they are a multiple of four. */
function wordsOf(bytes: Uint8Array): Uint32Array | Uint8Array {
  if (bytes.length % 4 !== 0) return bytes;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** The bits of numbers as f32, in which tensors of different types are compared. */
function bitsOf({ dtype }: WeightTensor, bytes: Uint8Array, count: number): Uint32Array {
  const values = new Float32Array(count);
  decode(dtype, bytes, values);
  return new Uint32Array(values.buffer);
}
