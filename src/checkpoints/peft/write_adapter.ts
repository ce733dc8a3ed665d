import { type LoraAdapter, loraParameters } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { invalidOption } from '../../base/check_options.js';
import { checkTarget } from '../../files/check_target.js';
import type { ModelTarget } from '../../files/target.js';
import { writeWhole } from '../../files/write_whole.js';
import { safetensorsChunks, type TensorToWrite } from '../safetensors/write.js';
import { type AdaptedModel, gpt2Name } from './adapted_model.js';
import { checkAdapter } from './check_adapter.js';
import { ADAPTER_CONFIG_FILE as CONFIG_FILE, ADAPTER_WEIGHTS_FILE as WEIGHTS_FILE } from './file_names.js';

const PREFIX = 'base_model.model.';

/** Writes an adapter as PEFT does, `baseModel` being the name of the model that it changes. */
export function writeAdapter(
  target: ModelTarget,
  adapter: LoraAdapter,
  baseModel: string | null,
): Promise<void> {
  return writeAdapterOf(target, adapter, baseModel, { task: 'CAUSAL_LM', nameOf: gpt2Name });
}

/** As `writeAdapter`, for a model of any kind. */
export async function writeAdapterOf(
  target: ModelTarget,
  adapter: LoraAdapter,
  baseModel: string | null,
  { task, nameOf }: Pick<AdaptedModel, 'task' | 'nameOf'>,
): Promise<void> {
  checkTarget(target);
  checkAdapter(adapter);
  if (baseModel !== null && typeof baseModel !== 'string') {
    throw invalidOption('baseModel', baseModel, 'a string or null');
  }
  const { rank, alpha, targets, pairs } = adapter;
  const config = {
    ...{ peft_type: 'LORA', task_type: task, base_model_name_or_path: baseModel },
    ...{ r: rank, lora_alpha: alpha, lora_dropout: 0, target_modules: targets, fan_in_fan_out: true },
    ...{ bias: 'none', inference_mode: true, init_lora_weights: true, modules_to_save: null },
    ...{ use_rslora: false, use_dora: false, rank_pattern: {}, alpha_pattern: {} },
  };
  const tensors = [...pairs.values()].flatMap(({ name, a, b, K, N }): TensorToWrite[] => {
    const tensor = ({ name, shape }: Parameter, values: Float32Array<ArrayBuffer>): TensorToWrite => ({
      ...{ name: PREFIX + nameOf(name), dtype: 'F32', shape },
      chunks: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
    });
    const parameters = loraParameters({ name, kind: 'conv1d', shape: [K, N] }, rank);
    return [tensor(parameters.a, a), tensor(parameters.b, b)];
  });
  await writeWhole(target, async () => {
    const json = `${JSON.stringify(config, undefined, 2)}\n`;
    await target.write(CONFIG_FILE, [new TextEncoder().encode(json)]);
    await target.write(WEIGHTS_FILE, safetensorsChunks(tensors));
  });
}
