import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { isFloat32Array } from '../../base/float_array.js';
import { idList } from '../../base/id_list.js';
import type { Batch } from '../../core/training/batch.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ImageInput } from '../../vision/images/image_input.js';
import type { DataPosition } from '../data/batches.js';
import type { BatchSource } from '../training_loop.js';
import type { CaptionExample, ExampleReader } from './caption_data.js';

/** How examples become batches. */
export interface CaptionBatchShape {
  /** B: examples of a batch. */
  readonly rows: number;
  /** Most tokens of a row: the start token and a caption. */
  readonly length: number;
  /** Token that begins each caption. */
  readonly startTokenId: number;
  /** Token that ends each caption. */
  readonly endTokenId: number;
  /** Tokens of the decoder. */
  readonly vocabSize: number;
  /** Encodes captions that are texts. */
  readonly tokenizer: Tokenizer | undefined;
  /** Makes pixels of images. */
  readonly pixels: (image: ImageInput) => Promise<Float32Array>;
  /** Numbers of the pixels of an image. */
  readonly pixelCount: number;
  /** Numbers of the encoder's states of an image; undefined if they cannot be given. */
  readonly stateCount: number | undefined;
}

/** An example in numbers. */
interface Row {
  readonly ids: readonly number[];
  readonly pixels?: Float32Array;
  readonly states?: Float32Array;
}

/** Batches of a run over captioned images. A batch is as long as its longest caption. */
export class CaptionBatches implements BatchSource {
  readonly #training: ExampleReader;
  readonly #held: () => AsyncIterable<CaptionExample> | undefined;
  readonly #shape: CaptionBatchShape;
  #position: DataPosition;

  constructor(
    training: ExampleReader,
    held: () => AsyncIterable<CaptionExample> | undefined,
    shape: CaptionBatchShape,
    position: DataPosition = { epoch: 0, row: 0 },
  ) {
    this.#training = training;
    this.#held = held;
    this.#shape = shape;
    this.#position = position;
  }

  get position(): DataPosition {
    return this.#position;
  }

  seek(position: DataPosition): void {
    this.#position = position;
  }

  async next(): Promise<Batch> {
    const rows: Row[] = [];
    let position = this.#position;
    while (rows.length < this.#shape.rows) {
      const { example, next } = await this.#training.read(position);
      rows.push(await rowOf(example, this.#shape, `example ${next.row} of epoch ${next.epoch + 1}`));
      position = next;
    }
    this.#position = position;
    return batchOf(rows, this.#shape);
  }

  validation(): AsyncIterable<Batch> | undefined {
    const examples = this.#held();
    return examples && this.#batches(examples);
  }

  async *#batches(examples: AsyncIterable<CaptionExample>): AsyncGenerator<Batch> {
    let rows: Row[] = [];
    let count = 0;
    for await (const example of examples) {
      rows.push(await rowOf(example, this.#shape, `held-out example ${++count}`));
      if (rows.length < this.#shape.rows) continue;
      yield batchOf(rows, this.#shape);
      rows = [];
    }
    if (rows.length > 0) yield batchOf(rows, this.#shape);
    if (count === 0) throw new Gpt2Error('invalid-option', 'validation has no examples');
  }
}

async function rowOf(example: CaptionExample, shape: CaptionBatchShape, where: string): Promise<Row> {
  try {
    if (typeof example !== 'object' || example === null) {
      throw invalidOption('the example', example, 'an object { pixels, text }');
    }
    return { ids: idsOf(example, shape), ...(await visionOf(example, shape)) };
  } catch (error) {
    if (!(error instanceof Gpt2Error) || error.code === 'aborted') throw error;
    throw new Gpt2Error(error.code, `${where}: ${error.message}`, { cause: error });
  }
}

function idsOf({ text, ids }: CaptionExample, shape: CaptionBatchShape): readonly number[] {
  const { tokenizer, length, vocabSize } = shape;
  if ((text === undefined) === (ids === undefined)) {
    throw new Gpt2Error('invalid-option', 'the example must have either text or ids');
  }
  if (text !== undefined && typeof text !== 'string') throw invalidOption('text', text, 'a text');
  if (text !== undefined && tokenizer === undefined) {
    throw new Gpt2Error('invalid-option', 'the example has text, but there is no tokenizer; give ids');
  }
  const found =
    text === undefined
      ? idList(ids, 'ids', `an array of token ids from 0 to ${vocabSize - 1}`, vocabSize)
      : tokenizer!.encode(text);
  if (found.length < length) return found;
  throw new Gpt2Error(
    'invalid-option',
    `the caption has ${found.length} tokens; rows of ${length} have room for ${length - 1} and the token before ` +
      'them; set a larger contextLength',
  );
}

async function visionOf(
  { pixels, image, states }: CaptionExample,
  shape: CaptionBatchShape,
): Promise<{ readonly pixels: Float32Array } | { readonly states: Float32Array }> {
  if ([pixels, image, states].filter((given) => given !== undefined).length !== 1) {
    throw new Gpt2Error('invalid-option', 'the example must have one of pixels, image and states');
  }
  if (image !== undefined) return { pixels: await shape.pixels(image) };
  if (pixels !== undefined) return { pixels: checkedFloats('pixels', pixels, shape.pixelCount) };
  if (shape.stateCount !== undefined) {
    return { states: checkedFloats('states', states, shape.stateCount) };
  }
  throw invalidOption('states', states, "undefined, unless the encoder is frozen: frozen: ['encoder']");
}

function checkedFloats(name: string, values: unknown, count: number): Float32Array {
  if (!isFloat32Array(values)) throw invalidOption(name, values, 'a Float32Array');
  if (values.length !== count) {
    throw new Gpt2Error('invalid-option', `${name} has ${values.length} numbers; the encoder has ${count}`);
  }
  if (areFinite(values)) return values;
  throw new Gpt2Error('invalid-option', `${name} has a number that is not finite`);
}

/** Rows of equal length, filled up with tokens that have no target. */
function batchOf(rows: readonly Row[], { startTokenId, endTokenId }: CaptionBatchShape): Batch {
  const length = 1 + Math.max(...rows.map(({ ids }) => ids.length));
  const tokens = new Int32Array(rows.length * length).fill(endTokenId);
  const targets = new Int32Array(rows.length * length).fill(-1);
  rows.forEach(({ ids }, row) => {
    tokens.set([startTokenId, ...ids], row * length);
    targets.set([...ids, endTokenId], row * length);
  });
  const joined = { pixels: joinedOf(rows, 'pixels'), states: joinedOf(rows, 'states') };
  return { batch: rows.length, length, tokens, targets, ...joined };
}

function joinedOf(rows: readonly Row[], name: 'pixels' | 'states'): Float32Array | undefined {
  const parts = rows.flatMap((row) => row[name] ?? []);
  if (parts.length === 0) return undefined;
  if (parts.length < rows.length) {
    throw new Gpt2Error('invalid-option', 'some examples have pixels, others states; all must have the same');
  }
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}
