import type { Bytes } from '../../base/bytes.js';
import { differencesOf } from '../../core/saving/identity.js';
import { loadedModels } from '../../generate/loaded_models.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelIdentity } from '../model_identity.js';
import { checkBuild } from './compress_bytes.js';
import { Distribution } from './distribution.js';
import { contentHash, type Header, invalid, readFile, shortIdentity } from './header.js';
import { RangeDecoder } from './range_coder.js';
import { SegmentReader } from './segment_reader.js';
import { segmentLength, segmentStarts } from './segments.js';

/** Steps between two reports of progress. */
const REPORTED_STEPS = 16;

/** Arguments of the operation. */
export interface DecompressArgs {
  readonly file: Uint8Array;
  /** More bytes are refused. */
  readonly maxBytes: number;
}

/** Operation: gives back the content of compressed bytes; see `decompress`. */
export async function decompressBytes(
  model: Model,
  { file, maxBytes }: DecompressArgs,
  work: Work,
): Promise<Bytes> {
  checkBuild(model, 'decompressing');
  const { header, code, stored } = readFile(file);
  if (header.bytes > maxBytes) {
    throw invalid(`they hold ${header.bytes} bytes, more than maxBytes, ${maxBytes}`);
  }
  await checkModel(header, model);
  const parts = [...(await decoded(model, header, code, work)), stored];
  // A header may say any number of bytes: no memory is taken before they are there.
  if (parts.reduce((sum, { length }) => sum + length, 0) !== header.bytes) throw wrongContent();
  const content = new Uint8Array(header.bytes);
  let length = 0;
  for (const part of parts) {
    content.set(part, length);
    length += part.length;
  }
  if (contentHash(content) !== header.hash) throw wrongContent();
  return content;
}

/** Throws `invalid-file` if the model is not the one that the content was compressed with. */
async function checkModel({ identity, contextLength }: Header, model: Model): Promise<void> {
  const own = model.config.contextLength;
  if (contextLength !== own) {
    throw invalid(`they were made with a context of ${contextLength} tokens, and this model has ${own}`);
  }
  const differences = differencesOf(identity, shortIdentity(await modelIdentity(model)));
  if (differences !== '') throw invalid(`they were made ${differences}`);
}

/** The bytes of each segment. */
async function decoded(model: Model, header: Header, code: Uint8Array, work: Work): Promise<Uint8Array[]> {
  const { core, tokenizer } = loadedModels.get(model)!;
  const { cut, bytes } = header;
  const length = segmentLength(cut);
  const segments = segmentStarts(cut).map((start) => ({
    reader: new SegmentReader(core, cut, Math.min(length, cut.tokens - start)),
    end: cut.tokens - start,
  }));
  const decoder = new TokenDecoder(code, core.config.vocabSize, tokenizer, bytes);
  try {
    let done = 0;
    for (let i = 0; i < length; i++) {
      const active = segments.filter(({ end }) => i < end).map(({ reader }) => reader);
      await Promise.all(active.map((reader) => reader.predict(work.signal)));
      for (const reader of active) decoder.next(reader);
      done += active.length;
      if (i % REPORTED_STEPS === 0 || done === cut.tokens) work.onProgress?.({ done, total: cut.tokens });
    }
    return segments.map(({ reader }) => reader.bytes);
  } finally {
    for (const { reader } of segments) reader.release();
  }
}

/** Reads the tokens of all segments from the code. */
class TokenDecoder {
  readonly #decoder: RangeDecoder;
  readonly #distribution: Distribution;
  readonly #tokenizer: Tokenizer;
  /** Bytes that may still come. */
  #left: number;

  constructor(code: Uint8Array, vocabSize: number, tokenizer: Tokenizer, bytes: number) {
    this.#decoder = new RangeDecoder(code);
    this.#distribution = new Distribution(vocabSize);
    this.#tokenizer = tokenizer;
    this.#left = bytes;
  }

  /** Decodes the literals before the next token of a segment, and the token. */
  next(reader: SegmentReader): void {
    for (;;) {
      const found = this.#distribution.at(reader.probabilities, this.#decoder.peek());
      this.#decoder.skip(found);
      if (found.id !== undefined) {
        reader.push(found.id);
        this.#write(reader, this.#bytesOf(found.id));
        return;
      }
      const length = this.#decoder.decodeByte() + 1;
      this.#write(
        reader,
        Uint8Array.from({ length }, () => this.#decoder.decodeByte()),
      );
    }
  }

  #bytesOf(id: number): Uint8Array {
    const bytes = bytesOfToken(this.#tokenizer, id);
    if (bytes === undefined) throw wrongContent();
    return bytes;
  }

  #write(reader: SegmentReader, bytes: Uint8Array): void {
    this.#left -= bytes.length;
    if (this.#left < 0) throw wrongContent();
    reader.write(bytes);
  }
}

/** The error if bytes that look whole do not give the content that they say. */
const wrongContent = () => invalid('they give another content than what was compressed');
