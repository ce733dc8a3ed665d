import { throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import { assertSameSample } from '../../generate/same_vocabulary.js';
import type { Work } from '../../model/remote_models.js';
import { scoreWindows } from '../../score/windows.js';
import type { AnyModel } from '../any_model.js';
import { checkModel, runOperation } from '../run_operation.js';
import { type Expectation, expectationOf } from './expectations.js';

/** Logits of one model that are in memory at a time: 16 MiB, and at least one row. */
const MOST_LOGITS = 2 ** 22;
/** Most rows at a time; the model reuses the keys and values of earlier rows. */
const MOST_ROWS = 64;

/** A model, another with the same vocabulary, and a sequence that both read. */
export interface TwoReaders {
  readonly model: AnyModel;
  readonly observer: AnyModel;
  /** Token ids, at least two. */
  readonly sequence: readonly number[];
  /** Positions that both models have. */
  readonly contextLength: number;
  readonly stride: number;
}

/** Throws `invalid-option` if the observer is no model, or if the vocabularies differ. */
export async function checkObserver(model: AnyModel, observer: AnyModel, { signal }: Work): Promise<void> {
  checkModel(observer, 'observer');
  const [here, there] = await Promise.all([
    runOperation(model, 'vocabulary', {}, { signal }),
    runOperation(observer, 'vocabulary', {}, { signal }),
  ]);
  assertSameSample('observer', here, there);
}

/** Tokens [start, end) of a sequence, and the first of them after which logits are wanted. */
interface Rows {
  readonly start: number;
  readonly end: number;
  readonly from: number;
}

/**
 * Moments of the model's ln p if the observer draws the next token, after each token of the sequence, the last one
 * too. The logits of both models are compared in tiles, so that memory is bounded; two models in workers compute
 * at the same time. Progress counts rows.
 */
export async function* expectations(
  { model, observer, sequence, contextLength, stride }: TwoReaders,
  { signal, onProgress }: Work,
): AsyncGenerator<Expectation, void> {
  const { vocabSize } = model.config;
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_LOGITS / vocabSize)));
  let done = 0;
  for (const { start, end, from } of rowsOf(sequence.length, contextLength, stride)) {
    for (let first = from; first < end; first += most) {
      throwIfAborted(signal, 'comparing two models');
      const ids = sequence.slice(start, Math.min(end, first + most));
      const options = { from: first - start };
      const [logits, weights] = await Promise.all([
        model.logits(ids, options),
        observer.logits(ids, options),
      ]);
      for (let at = 0; at < logits.length; at += vocabSize) {
        yield expectationOf(logits.subarray(at, at + vocabSize), weights.subarray(at, at + vocabSize));
        await nextTask();
      }
      done += logits.length / vocabSize;
      onProgress?.({ done, total: sequence.length });
    }
  }
}

/** The windows that score a sequence, and the row after its last token: in the last window if that has room. */
function* rowsOf(length: number, contextLength: number, stride: number): Generator<Rows> {
  for (const { start, end, first } of scoreWindows(length, contextLength, stride)) {
    const hasRoom = end === length - 1 && end - start < contextLength;
    yield { start, end: hasRoom ? end + 1 : end, from: first - 1 };
    if (end === length - 1 && !hasRoom) yield { start: start + 1, end: end + 1, from: end };
  }
}
