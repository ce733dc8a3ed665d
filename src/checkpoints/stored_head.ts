import { FNV_START, fnv1a } from '../base/hash.js';
import { decode } from '../dtypes/decode.js';
import { readExactly } from '../files/read.js';
import type { Checkpoint, WeightTensor } from './checkpoint.js';

/** Bytes that are read and compared at once. */
const CHUNK_BYTES = 4 * 2 ** 20;
/** What `looksTied` compares at each end. */
const SAMPLE_WEIGHTS = 2 ** 16;

/**
 * Decides about a head that is stored beside the embedding: the head counts if any number of it is another, the embedding
 * if none is. Each of the two is read once, in its own order, and no more than some chunks are held; with `endsOnly` only
 * their beginnings and ends are read.
 */
export async function settleStoredHead(
  checkpoint: Checkpoint,
  head: WeightTensor,
  endsOnly: boolean,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const embedding = checkpoint.tensors.get('wte.weight')!;
  const isTied =
    (await looksTied(checkpoint, embedding, head, signal)) &&
    (endsOnly || (await sameDigests(checkpoint, embedding, head, signal)));
  return withHead(checkpoint, head, isTied);
}

function withHead(checkpoint: Checkpoint, head: WeightTensor, isTied: boolean): Checkpoint {
  const { storedHead: _, ...tied } = checkpoint;
  if (isTied) return tied;
  return {
    ...tied,
    config: { ...tied.config, tiedHead: false },
    tensors: new Map([...tied.tensors, [head.parameter.name, head]]),
    totalBytes: tied.totalBytes + head.end - head.start,
    notes: [
      ...tied.notes,
      `${head.file}: ${head.name} has other numbers than the token embedding, so that the output head is its own, ` +
        'as in transformers 5; tie_word_embeddings false would say so',
    ],
  };
}

async function looksTied(
  { source }: Checkpoint,
  embedding: WeightTensor,
  head: WeightTensor,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const isSameType = embedding.dtype === head.dtype;
  const count = weightCount(head);
  const length = Math.min(count, SAMPLE_WEIGHTS);
  for (const first of new Set([0, count - length])) {
    const read = async (tensor: WeightTensor) => {
      const size = numberBytes(tensor);
      const start = tensor.start + first * size;
      const bytes = await readExactly(source, tensor.file, start, start + length * size, signal);
      return words(tensor, bytes, isSameType);
    };
    const [ours, theirs] = await Promise.all([read(embedding), read(head)]);
    if (ours.some((bits, i) => bits !== theirs[i])) return false;
  }
  return true;
}

/** Compares two weights by digests of their parts, so that each is read in its own order and only once. */
async function sameDigests(
  { source }: Checkpoint,
  embedding: WeightTensor,
  head: WeightTensor,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const isSameType = embedding.dtype === head.dtype;
  const buffer = new Uint8Array(CHUNK_BYTES);
  const digests = async (tensor: WeightTensor, isSame: (digest: number, part: number) => boolean) => {
    // The same number of weights in each part, whatever they are stored as.
    const partBytes = (CHUNK_BYTES / 4) * numberBytes(tensor);
    for (let start = tensor.start, part = 0; start < tensor.end; start += partBytes, part++) {
      const end = Math.min(tensor.end, start + partBytes);
      const bytes = await readExactly(source, tensor.file, start, end, signal, buffer);
      if (!isSame(digest(words(tensor, bytes, isSameType)), part)) return false;
    }
    return true;
  };
  const known: number[] = [];
  await digests(embedding, (value) => known.push(value) > 0);
  return digests(head, (value, part) => known[part] === value);
}

/** 53 bits that another sequence hardly has: two FNV-1a sums over its words, from different ends of each. */
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

const numberBytes = ({ dtype }: Pick<WeightTensor, 'dtype'>): number => (dtype === 'F32' ? 4 : 2);

const weightCount = (tensor: WeightTensor): number => (tensor.end - tensor.start) / numberBytes(tensor);

/**
 * What is compared of some numbers of a weight: their bytes, taken together as far as they go, if the other weight is
 * stored as the same type, else the bits that they have as f32.
 */
function words({ dtype }: WeightTensor, bytes: Uint8Array, isSameType: boolean): Uint32Array | Uint8Array {
  if (isSameType) {
    if (bytes.length % 4 !== 0) return bytes;
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  }
  const values = new Float32Array(bytes.length / numberBytes({ dtype }));
  decode(dtype, bytes, values);
  return new Uint32Array(values.buffer);
}
