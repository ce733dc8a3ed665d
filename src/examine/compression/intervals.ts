import type { Cancellation } from '../../base/cancellation.js';
import { inOrder } from '../../base/in_order.js';
import { evaluateOnce } from '../../core/evaluate.js';
import { BATCH_ROWS } from '../../core/layout.js';
import type { Core, LogitsRow } from '../../core/types.js';
import { Distribution, type Interval } from './distribution.js';
import { beforeSegment, type Cut, segmentLength, segmentStarts, segmentWindows } from './segments.js';
import type { Tokenized } from './tokenized.js';

/** Rows of windows under way: they fill a batch while the next one is chosen. */
const MOST_ROWS = 2 * BATCH_ROWS;

/** The interval of each token, and of the escape before tokens with literals. */
export interface Intervals {
  token(index: number): Interval;
  escape(index: number): Interval;
}

/** Evaluates all windows, many together. `onToken` is called after each window with its tokens. */
export async function intervalsOf(
  core: Core,
  { ids, literals }: Tokenized,
  cut: Cut,
  signal: Cancellation | undefined,
  onTokens: (count: number) => void,
): Promise<Intervals> {
  const distribution = new Distribution(core.config.vocabSize);
  const starts = new Uint32Array(ids.length);
  const sizes = new Uint32Array(ids.length);
  const escapes = new Map<number, Interval>();
  const read = (row: LogitsRow, index: number) => {
    const probabilities = row.softmax(1);
    const { start, size } = distribution.token(probabilities, ids[index]!);
    starts[index] = start;
    sizes[index] = size;
    if (literals.has(index)) escapes.set(index, distribution.escape(probabilities));
  };
  const run = async ({ tokens, first, offset }: PlacedWindow, _: number, both: Cancellation) => {
    const evaluation = {
      tokens,
      first,
      read: (row: LogitsRow, index: number) => read(row, offset + index),
      signal: both,
    };
    await evaluateOnce(core, evaluation, 'compressing');
    return tokens.length - first;
  };
  const windows = placedWindows(core, ids, cut);
  const size = ({ tokens }: PlacedWindow) => tokens.length;
  for await (const count of inOrder(windows, { size, most: MOST_ROWS, signal, run })) onTokens(count);
  return {
    token: (index) => ({ start: starts[index]!, size: sizes[index]! }),
    escape: (index) => escapes.get(index)!,
  };
}

interface PlacedWindow {
  readonly tokens: readonly number[];
  /** Index in `tokens` of the first one after which another is predicted. */
  readonly first: number;
  /** Index in the list of all tokens of the one that is predicted after `tokens[0]`. */
  readonly offset: number;
}

function* placedWindows({ config }: Core, ids: readonly number[], cut: Cut): Generator<PlacedWindow> {
  for (const segmentStart of segmentStarts(cut)) {
    const segment = ids.slice(segmentStart, segmentStart + segmentLength(cut));
    const sequence = [beforeSegment(config), ...segment];
    for (const { start, end, first } of segmentWindows(segment.length, cut, config)) {
      yield { tokens: sequence.slice(start, end), first: first - 1 - start, offset: segmentStart + start };
    }
  }
}
