import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Batch } from '../../core/training/batch.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ImageInput } from '../../vision/images/image_input.js';
import type { ExampleRows } from '../data/example_batches.js';
import { floatsOf, idsOf, joined } from '../data/example_numbers.js';
import type { CaptionExample } from './caption_data.js';

/** How captioned images become batches. */
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
interface CaptionRow {
  readonly ids: readonly number[];
  readonly pixels?: Float32Array;
  readonly states?: Float32Array;
}

/** Batches of captioned images. */
export function captionRows(shape: CaptionBatchShape): ExampleRows<CaptionExample, CaptionRow> {
  const text = { ...shape, before: 1, what: 'token' };
  return {
    rows: shape.rows,
    wanted: '{ pixels, text }',
    row: async (example) => ({ ids: idsOf(example, text), ...(await visionOf(example, shape)) }),
    batch: (rows) => batchOf(rows, shape),
  };
}

async function visionOf(
  { pixels, image, states }: CaptionExample,
  shape: CaptionBatchShape,
): Promise<{ readonly pixels: Float32Array } | { readonly states: Float32Array }> {
  if ([pixels, image, states].filter((given) => given !== undefined).length !== 1) {
    throw new Gpt2Error('invalid-option', 'the example must have one of pixels, image and states');
  }
  if (image !== undefined) return { pixels: await shape.pixels(image) };
  if (pixels !== undefined) return { pixels: floatsOf('pixels', pixels, shape.pixelCount, 'encoder') };
  if (shape.stateCount !== undefined) {
    return { states: floatsOf('states', states, shape.stateCount, 'encoder') };
  }
  throw invalidOption('states', states, "undefined, unless the encoder is frozen: frozen: ['encoder']");
}

/** Rows of equal length, filled up with tokens that have no target. */
function batchOf(rows: readonly CaptionRow[], { startTokenId, endTokenId }: CaptionBatchShape): Batch {
  const length = 1 + Math.max(...rows.map(({ ids }) => ids.length));
  const tokens = new Int32Array(rows.length * length).fill(endTokenId);
  const targets = new Int32Array(rows.length * length).fill(-1);
  rows.forEach(({ ids }, row) => {
    tokens.set([startTokenId, ...ids], row * length);
    targets.set([...ids, endTokenId], row * length);
  });
  const vision = { pixels: joinedOf(rows, 'pixels'), states: joinedOf(rows, 'states') };
  return { batch: rows.length, length, tokens, targets, ...vision };
}

function joinedOf(rows: readonly CaptionRow[], name: 'pixels' | 'states'): Float32Array | undefined {
  const parts = rows.flatMap((row) => row[name] ?? []);
  if (parts.length === 0) return undefined;
  if (parts.length === rows.length) return joined(parts);
  throw new Gpt2Error('invalid-option', 'some examples have pixels, others states; all must have the same');
}
