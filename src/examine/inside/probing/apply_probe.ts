import { checkArray } from '../../../base/check_lists.js';
import { checkNumber, whole } from '../../../base/check_number.js';
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
  const found = layers.find((one) => one?.layer === layer || (layers.length === 1 && layer === undefined));
  if (!found) throw invalidOption('layer', layer, 'one of the layers of the probe');
  const { layer: own, weights, intercepts } = found as Partial<LayerProbe>;
  checkNumber('the layer of the probe', own, whole(0, config.layers));
  const outputs = classes?.length ?? 1;
  const areNumbers = isFloat32Array(weights?.data) && areFinite(weights.data);
  if (!areNumbers || weights.data.length !== outputs * config.channels) {
    throw new Gpt2Error(
      'invalid-option',
      `the probe of layer ${own} does not fit a model of ${config.channels} channels`,
    );
  }
  const right = `a list of ${outputs} finite numbers`;
  checkArray('intercepts', intercepts, right, Number.isFinite);
  if (intercepts.length !== outputs) throw invalidOption('intercepts', intercepts, right);
  return found;
}
