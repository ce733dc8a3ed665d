import { Gpt2Error, throwIfAborted } from '../../../base/errors.js';
import { nextTask } from '../../../base/next_task.js';
import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import { bootstrap } from '../../statistics/bootstrap.js';
import { intervalOf, shareEstimate } from '../../statistics/estimates.js';
import type { StatePosition } from '../states_here.js';
import { foldsOf } from './folds.js';
import { type Labels, labelOf } from './labels.js';
import type { ExplainedVariance, LayerProbe, Probe } from './results.js';
import { fitRidge, outputsOf, type Ridge, type Table } from './ridge.js';
import { stateTables } from './state_tables.js';

/** What `probe` passes on, checked. */
export interface ProbeArgs {
  readonly texts: readonly (string | readonly number[])[];
  readonly labels: Labels;
  /** Texts that are left out together. */
  readonly groups: readonly (readonly number[])[];
  readonly layers: readonly number[];
  readonly position: StatePosition;
  readonly penalties: readonly number[];
  readonly folds: number;
  readonly seed: number;
}

/** Most numbers of features and targets of a fit, which has some copies of them in 64 bits. */
const MOST_NUMBERS = 2 ** 25;

/** Probes in the thread of the model; see `probe`. */
export async function probeHere(model: Model, args: ProbeArgs, { signal, onProgress }: Work): Promise<Probe> {
  const { texts, labels, groups, layers, position, penalties } = args;
  const { classes, values } = labels;
  checkSize(texts.length, model.config.channels + (classes?.length ?? 1));
  const total = texts.length + layers.length * (args.folds + 1);
  const tables = await stateTables(model, texts, layers, position, {
    signal,
    onProgress: ({ done }) => onProgress?.({ done, total }),
  });
  const folds = foldsOf(groups, classes === undefined ? values.map(() => 0) : values, args.folds, args.seed);
  const { channels } = model.config;
  let done = texts.length;
  const fit = async (states: Float32Array, chosen: readonly (readonly number[])[]) => {
    const rows = chosen.flat();
    const places = new Map(rows.map((row, place) => [row, place]));
    const data = {
      features: tableOf(rows, channels, (row, c) => states[row * channels + c]!),
      targets: tableOf(rows, classes?.length ?? 1, (row, c) =>
        classes === undefined ? values[row]! : Number(values[row] === c),
      ),
      groups: chosen.map((group) => group.map((row) => places.get(row)!)),
    };
    const ridge = await fitRidge(data, penalties, async () => {
      await nextTask();
      throwIfAborted(signal, 'probing');
    });
    onProgress?.({ done: ++done, total });
    return ridge;
  };
  const probes: LayerProbe[] = [];
  for (const [i, layer] of layers.entries()) {
    const states = tables[i]!;
    const outputs: number[][] = [];
    for (let fold = 0; fold < args.folds; fold++) {
      const isLeftOut = (_: unknown, group: number) => folds[group] === fold;
      const ridge = await fit(
        states,
        groups.filter((_, group) => folds[group] !== fold),
      );
      for (const row of groups.filter(isLeftOut).flat()) {
        outputs[row] = outputsOf(ridge, states.subarray(row * channels, (row + 1) * channels));
      }
    }
    const whole = await fit(states, groups);
    probes.push(layerProbe(layer, whole, outputs, labels));
  }
  return {
    ...{ classes, position, texts: texts.length, layers: probes },
    baseline: classes && Math.max(...classes.map((_, c) => countOf(values, c))) / texts.length,
  };
}

/** Throws `out-of-memory` if a fit would take too much. */
function checkSize(texts: number, width: number): void {
  if (texts * width <= MOST_NUMBERS) return;
  throw new Gpt2Error(
    'out-of-memory',
    `${texts} texts with ${width} numbers and classes each are more than a fit takes: ${MOST_NUMBERS} in all`,
  );
}

function layerProbe(layer: number, ridge: Ridge, outputs: readonly number[][], labels: Labels): LayerProbe {
  const { classes, values } = labels;
  const predictions = outputs.map((output) => labelOf(classes, output));
  const right = classes && predictions.filter((label, i) => label === classes[values[i]!]).length;
  const { weights, intercepts, penalty } = ridge;
  const shape = [intercepts.length, weights.length / intercepts.length];
  return {
    ...{ layer, penalty, predictions },
    accuracy: right === undefined ? undefined : shareEstimate(right, values.length),
    explained: classes === undefined ? explainedVariance(values, predictions as number[]) : undefined,
    weights: { shape, data: Float32Array.from(weights) },
    intercepts: [...intercepts],
  };
}

function explainedVariance(values: readonly number[], predictions: readonly number[]): ExplainedVariance {
  const r2 = (rows: ArrayLike<number>) => {
    let [sum, errors, spread] = [0, 0, 0];
    for (let i = 0; i < rows.length; i++) sum += values[rows[i]!]!;
    const mean = sum / rows.length;
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]!]!;
      errors += (value - predictions[rows[i]!]!) * (value - predictions[rows[i]!]!);
      spread += (value - mean) * (value - mean);
    }
    const share = errors / spread;
    return Number.isFinite(share) ? 1 - share : undefined;
  };
  return { r2: r2(values.map((_, i) => i))!, interval: intervalOf(bootstrap(values.length, r2)) };
}

function tableOf(rows: readonly number[], width: number, at: (row: number, column: number) => number): Table {
  const data = new Float64Array(rows.length * width);
  for (let i = 0; i < data.length; i++) data[i] = at(rows[Math.floor(i / width)]!, i % width);
  return { rows: rows.length, width, data };
}

const countOf = (values: readonly number[], value: number): number =>
  values.filter((other) => other === value).length;
