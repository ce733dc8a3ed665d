import { checkOptionNames, invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { areFinite } from '../../../base/finite.js';
import { isFloat32Array } from '../../../base/float_array.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel, runOperation } from '../../run_operation.js';
import { STATE_POSITIONS } from '../states_here.js';
import { textList } from '../text_list.js';
import { labelOf } from './labels.js';
import type { LayerProbe, Probe, ProbePrediction } from './results.js';

/** Which of the probes says something. */
export interface ApplyProbeOptions extends Work {
  /** One of the probe's layers. Default: the only one. */
  readonly layer?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  layer: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof ApplyProbeOptions, true>);

/**
 * What a probe says of other texts. Progress counts texts. Throws `invalid-option`, also for a probe of a model with
 * another number of channels; `context-full` for a text that is too long; `aborted`.
 */
export async function applyProbe(
  model: AnyModel,
  probe: Probe,
  texts: readonly Prompt[],
  options: ApplyProbeOptions = {},
): Promise<ProbePrediction[]> {
  checkModel(model);
  checkOptionNames('applyProbe', options, OPTION_NAMES);
  const { signal, onProgress } = options;
  const { classes, position } = probe ?? {};
  const { layer, weights, intercepts } = layerOf(model, probe, options.layer);
  const args = { texts: textList(model, texts, 'texts'), layer, position, weights, intercepts };
  const scores = await runOperation(model, 'probeScores', args, { signal, onProgress });
  return scores.map((own) => ({ label: labelOf(classes, own), scores: own }));
}

/** The probe of a layer. Throws `invalid-option` if there is none, or if it does not fit the model. */
function layerOf({ config }: AnyModel, probe: Probe, layer: number | undefined): LayerProbe {
  const { classes, layers, position } = (probe ?? {}) as Partial<Probe>;
  const isProbe = Array.isArray(layers) && layers.length > 0 && STATE_POSITIONS.includes(position!);
  if (!isProbe || (classes !== undefined && !Array.isArray(classes))) {
    throw invalidOption('probe', probe, 'what the function probe gives');
  }
  const numbers = layers.map((one) => one?.layer);
  const found = layers.length === 1 && layer === undefined ? layers[0] : layers[numbers.indexOf(layer!)];
  if (!found) throw invalidOption('layer', layer, `one of ${numbers.join(', ')}`);
  const { weights, intercepts } = found as Partial<LayerProbe>;
  const outputs = classes?.length ?? 1;
  const isWhole = Number.isInteger(found.layer) && found.layer >= 0 && found.layer <= config.layers;
  const areNumbers = isFloat32Array(weights?.data) && areFinite(weights.data);
  const fits = areNumbers && weights.data.length === outputs * config.channels;
  if (!isWhole || !fits) {
    throw new Gpt2Error(
      'invalid-option',
      `the probe of layer ${found.layer} does not fit a model of ${config.layers} layers and ${config.channels} channels`,
    );
  }
  if (intercepts?.length !== outputs || !intercepts.every(Number.isFinite)) {
    throw invalidOption('intercepts', intercepts, `a list of ${outputs} numbers`);
  }
  return found;
}
