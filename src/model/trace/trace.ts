import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { evaluateOnce } from '../../core/evaluate.js';
import type { PointRead } from '../../core/hooks/actions.js';
import { checkEdits } from '../../core/hooks/edit.js';
import { TraceHooks } from '../../core/hooks/hooks.js';
import type { Point } from '../../core/hooks/points.js';
import { allPositions, positionList, positionsOrAll } from '../../core/hooks/positions.js';
import { lengthOf, placeReads, readPoints, shapeOf } from '../../core/hooks/reads.js';
import { Tracer } from '../../core/hooks/tracer.js';
import { mebibytes } from '../../core/memory.js';
import type { ModelCore } from '../../core/types.js';
import { type Prompt, promptTokens } from '../../generate/prompt.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Trace, TracedNumbers, TraceOptions } from './options.js';

/** Most bytes that one trace reads. */
const MOST_BYTES = 2 ** 30;

const OPTION_NAMES = Object.keys({
  read: true,
  edit: true,
  positions: true,
  logits: true,
  module: true,
  signal: true,
} satisfies Record<keyof TraceOptions, true>);

/** See `Model.trace`. */
export async function traceText(
  core: ModelCore,
  tokenizer: Tokenizer,
  text: Prompt,
  options: TraceOptions,
): Promise<Trace> {
  checkOptionNames('trace', options, OPTION_NAMES);
  const { read = [], edit = [], positions: wish, logits: logitsWish, module, signal } = options;
  const { config } = core;
  const ids = promptTokens(text, config, () => tokenizer, { advice: 'shorten it' });
  const count = ids.length;
  if (count > config.contextLength) {
    throw new Gpt2Error(
      'context-full',
      `${count} tokens do not fit the model's context of ${config.contextLength}`,
    );
  }
  const positions = positionsOrAll(wish, count);
  const points = readPoints(read, config);
  const edits = checkEdits(edit, config, { tokens: count, grows: false });
  const rows = logitsPositions(logitsWish, count);
  checkBytes(points, positions, rows.length * config.vocabSize, count);
  const tracer = await Tracer.of(core.adapterHost, module);
  const reads = placeReads(points, positions, count);
  const logits = new Float32Array(rows.length * config.vocabSize);
  const places = new Map(rows.map((position, place) => [position, place]));
  const evaluation = {
    tokens: ids,
    inputs: { hooks: new TraceHooks(tracer, edits, reads) },
    first: firstWanted(points, positions, rows, count),
    wanted: rows.length > 0 ? ('logits' as const) : ('hidden' as const),
    read: ({ values }: { readonly values: Float32Array }, index: number) => {
      const place = places.get(index);
      if (place !== undefined) logits.set(values, place * config.vocabSize);
    },
    signal,
  };
  await evaluateOnce(core, evaluation, 'tracing');
  return {
    ids,
    positions,
    values: Object.fromEntries(Array.from(reads, ([name, read]) => [name, numbersOf(read)])),
    logits:
      rows.length === 0
        ? undefined
        : { shape: [rows.length, config.vocabSize], data: logits, positions: rows },
  };
}

function logitsPositions(given: TraceOptions['logits'], count: number): number[] {
  if (given === undefined || given === 'last') return [count - 1];
  if (given === 'none') return [];
  if (given === 'all') return allPositions(count);
  if (typeof given === 'string') {
    throw invalidOption('logits', given, "'last', 'all', 'none' or a list of positions");
  }
  return positionList(given, count, 'logits');
}

/** The first position of which results are wanted: what follows the last layer is computed for those alone. */
function firstWanted(
  points: readonly Point[],
  positions: readonly number[],
  rows: readonly number[],
  count: number,
): number {
  const isFinal = points.some(({ name }) => name.startsWith('ln_final.'));
  return [...rows, ...(isFinal ? positions : [])].reduce(
    (least, position) => Math.min(least, position),
    count - 1,
  );
}

/** Throws `out-of-memory`, with the bytes, if more would be read than MOST_BYTES. */
function checkBytes(
  points: readonly Point[],
  positions: readonly number[],
  logits: number,
  tokens: number,
): void {
  const numbers = points.reduce((sum, point) => sum + lengthOf(point, positions.length, tokens), logits);
  const bytes = 4 * numbers;
  if (bytes <= MOST_BYTES) return;
  throw new Gpt2Error(
    'out-of-memory',
    `the trace would read ${mebibytes(bytes)}; at most ${mebibytes(MOST_BYTES)} can be read at once: ` +
      'read fewer hooks, or give positions',
  );
}

/** Throws `runtime` for numbers that are not finite. */
function numbersOf({ point, data, rows, tokens }: PointRead): TracedNumbers {
  // Scores are -Infinity where a token is not seen.
  if (!point.name.endsWith('attn_scores') && !areFinite(data)) {
    throw new Gpt2Error(
      'runtime',
      `${point.name} has numbers that are NaN or infinite: weights, adapters or edits are so large that 32-bit ` +
        'numbers overflow',
    );
  }
  return { shape: shapeOf(point, rows, tokens), data };
}
