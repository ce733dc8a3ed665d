import { asBytes } from '../../../base/bytes.js';
import { invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { areFinite } from '../../../base/finite.js';
import { readSafetensorsHeader } from '../../../checkpoints/safetensors/read.js';
import { safetensorsChunks } from '../../../checkpoints/safetensors/write.js';
import { decode } from '../../../dtypes/decode.js';
import { blobSource } from '../../../files/blob_source.js';
import { parseJson } from '../../../files/json.js';
import { checkVector, lengthOf } from './checked_vector.js';
import type { SteeringVector } from './results.js';

const FORMAT = 'gpt2-wasm steering vector';
const NAME = 'the steering vector';

/** No file of a vector is longer. */
const MOST_BYTES = 2 ** 22;

/**
 * A direction as a safetensors file: one tensor [channels] of 32-bit numbers with the name of the hook, and in
 * `__metadata__` how it was made. Throws `invalid-option`.
 */
export async function writeSteeringVector(vector: SteeringVector): Promise<Uint8Array<ArrayBuffer>> {
  checkVector(vector);
  const { hook, vector: numbers, position, residualNorm, positive, negative } = vector;
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const tensor = { name: hook, dtype: 'F32' as const, shape: [numbers.length], chunks: () => [bytes] };
  const metadata = Object.entries({ position, residualNorm, positive, negative });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of safetensorsChunks([tensor], {
    format: FORMAT,
    ...Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
  })) {
    chunks.push(chunk as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/**
 * Reads what `writeSteeringVector` wrote; the file may come from anybody. Whether a model fits is checked by `steer`.
 * Throws `invalid-file`, and `invalid-option` for anything but bytes.
 */
export async function readSteeringVector(file: Uint8Array): Promise<SteeringVector> {
  const bytes = asBytes(file);
  if (bytes === undefined) throw invalidOption('file', file, 'a Uint8Array');
  if (bytes.length > MOST_BYTES) {
    throw new Gpt2Error('invalid-file', `${NAME} has ${bytes.length} bytes; at most ${MOST_BYTES} are read`);
  }
  const source = blobSource(new Map([[NAME, bytes]]));
  const [tensor, ...others] = await readSafetensorsHeader(source, { path: NAME, byteLength: bytes.length });
  const metadata = metadataOf(bytes);
  if (metadata.format !== FORMAT || tensor === undefined || others.length > 0 || tensor.dtype !== 'F32') {
    throw new Gpt2Error('invalid-file', `the file is no steering vector: one F32 tensor, format ${FORMAT}`);
  }
  const vector = new Float32Array((tensor.end - tensor.start) / 4);
  decode('F32', bytes.subarray(tensor.start, tensor.end), vector);
  const { position, residualNorm, positive, negative } = metadata;
  const read = {
    ...{ hook: tensor.name, vector, norm: areFinite(vector) ? lengthOf(vector) : Number.NaN, position },
    residualNorm: numberOf(residualNorm),
    ...{ positive: numberOf(positive), negative: numberOf(negative) },
  };
  try {
    checkVector(read);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `in the file of ${NAME}, ${(cause as Error).message}`, { cause });
  }
  return read;
}

/** The metadata of a file whose header was checked. */
function metadataOf(bytes: Uint8Array): Readonly<Record<string, string | undefined>> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = parseJson(bytes.subarray(8, 8 + length), NAME) as Record<string, unknown>;
  return (header.__metadata__ ?? {}) as Record<string, string>;
}

/** The number of a text; NaN for a text that is none. */
function numberOf(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}
