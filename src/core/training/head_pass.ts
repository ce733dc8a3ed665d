import { LOSS_CROSS_ENTROPY, LOSS_LOGIT, LOSS_SOFT } from '../../../assembly/training/abi.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { listLength } from '../../base/id_list.js';
import type { CoreMemory } from '../memory.js';
import type { MicrobatchOptions, TokenLoss } from './microbatch_options.js';
import type { TrainPlaces } from './place.js';
import { writeHead } from './structs.js';

const LOSSES: Readonly<Record<TokenLoss, number>> = {
  'cross-entropy': LOSS_CROSS_ENTROPY,
  logit: LOSS_LOGIT,
};

/** A batch whose forward pass is done. */
export interface ForwardedBatch {
  readonly memory: CoreMemory;
  readonly places: TrainPlaces;
  /** B x T */
  readonly rows: number;
  /** V */
  readonly vocabSize: number;
  /** Rows of logits that are in memory at once, and bytes from one to the next. */
  readonly tile: { readonly rows: number; readonly stride: number };
  /** Runs the head over the rows of the TRAINING that was written. */
  run(): Promise<void>;
}

/** Losses of all rows. */
export async function evaluateHead(
  batch: ForwardedBatch,
  loss: TokenLoss = 'cross-entropy',
): Promise<number> {
  await runRows(batch, LOSSES[loss], false);
  return sumOf(lossesOf(batch));
}

/** Losses of all rows, and the gradient of the final norm's output. Throws `invalid-option` for other than B x T factors. */
export async function backwardHead(batch: ForwardedBatch, options: MicrobatchOptions): Promise<number> {
  const { loss = 'cross-entropy', factors, teacher } = options;
  if (teacher !== undefined) {
    for (let first = 0; first < batch.rows; first += batch.tile.rows) {
      const end = Math.min(first + batch.tile.rows, batch.rows);
      await teacher.write(first, teacherRows(batch, end - first));
      await runRows(batch, LOSS_SOFT, true, first, end, teacher.hardShare);
    }
    return sumOf(lossesOf(batch));
  }
  if (factors !== undefined) {
    await runRows(batch, LOSSES[loss], false);
    writeFactors(batch, factors(lossesOf(batch).slice()));
  }
  await runRows(batch, LOSSES[loss], true);
  return sumOf(lossesOf(batch));
}

async function runRows(
  batch: ForwardedBatch,
  loss: number,
  withGradients: boolean,
  firstRow = 0,
  endRow = batch.rows,
  hardShare = 1,
): Promise<void> {
  const view = new DataView(batch.memory.memory.buffer);
  const fields = { loss, firstRow, endRow, withGradients: withGradients ? 1 : 0, hardShare };
  writeHead(view, batch.places.training, fields);
  await batch.run();
}

const lossesOf = ({ memory, places, rows }: ForwardedBatch): Float64Array =>
  new Float64Array(memory.memory.buffer, places.work.losses, rows);

const sumOf = (losses: Float64Array): number => losses.reduce((sum, loss) => sum + loss, 0);

function writeFactors({ memory, places, rows }: ForwardedBatch, factors: ArrayLike<number>): void {
  const right = `${rows} numbers, a factor for each token`;
  const length = listLength(factors, 'factors', right);
  if (length !== rows) throw new Gpt2Error('invalid-option', `there are ${length} factors; give ${right}`);
  for (let i = 0; i < rows; i++) {
    if (typeof factors[i] !== 'number') throw invalidOption(`factor ${i}`, factors[i], 'a number');
  }
  memory.f32(places.work.factors, rows).set(factors);
}

/** The memory of the distributions of a tile, a row each. */
function teacherRows({ memory, places, vocabSize, tile }: ForwardedBatch, count: number): Float32Array[] {
  const { teacher } = places.work;
  return Array.from({ length: count }, (_, i) => memory.f32(teacher + i * tile.stride, vocabSize));
}
