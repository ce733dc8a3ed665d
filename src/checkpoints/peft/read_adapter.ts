import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelSource } from '../../files/source.js';
import { type AdaptedModel, adaptedGpt2 } from './adapted_model.js';
import type { Adapter } from './adapter.js';
import { AdapterBuilder } from './adapter_builder.js';
import { openAdapter } from './adapter_parts.js';
import { AdapterTensors } from './adapter_tensors.js';
import { readAdaLora } from './kinds/adalora.js';
import { readIa3 } from './kinds/ia3.js';
import { checkLora, readLora } from './kinds/lora.js';
import { readLoha, readLokr } from './kinds/products.js';
import { readTokenRows } from './kinds/token_rows.js';
import { readWhole } from './kinds/whole.js';
import { isSoftPrompt } from './soft_prompt_types.js';

type ReadKind = (tensors: AdapterTensors, builder: AdapterBuilder) => Promise<void>;

/** The kinds that are read, by PEFT's names. */
const KINDS: ReadonlyMap<unknown, ReadKind> = new Map([
  ['LORA', readLora],
  ['ADALORA', readAdaLora],
  ['IA3', readIa3],
  ['LOHA', readLoha],
  ['LOKR', readLokr],
  ['LN_TUNING', readNothing],
  ['TRAINABLE_TOKENS', readTokens],
]);

/**
 * Reads an adapter in PEFT's format for a GPT-2 of this config. Throws `not-found`, `invalid-file` and, for kinds and
 * settings that are not computed, `unsupported`.
 */
export function readAdapter(
  source: ModelSource,
  config: ModelConfig,
  signal?: AbortSignal,
): Promise<Adapter> {
  return readAdapterOf(source, adaptedGpt2(config), signal);
}

/** As `readAdapter`, for a model of any kind. */
export async function readAdapterOf(
  source: ModelSource,
  model: AdaptedModel,
  signal?: AbortSignal,
): Promise<Adapter> {
  const { fields, where, tensors } = await openAdapter(source, signal);
  const read = kindOf(fields, where);
  const stored = new AdapterTensors(await tensors(), { fields, where }, model, signal);
  const builder = new AdapterBuilder(model);
  await readWhole(stored, builder);
  await read(stored, builder);
  return builder.build();
}

/** Throws `unsupported` for kinds and settings of adapters that are not computed. */
export function checkKind(fields: JsonObject, where: string): void {
  if (kindOf(fields, where) === readLora) checkLora(fields, where);
}

function kindOf(fields: JsonObject, where: string): ReadKind {
  const read = KINDS.get(fields.peft_type);
  if (read !== undefined) return read;
  const hint = isSoftPrompt(fields)
    ? 'loadSoftPrompt reads it, as vectors before a text'
    : `${[...KINDS.keys()].join(', ')} are read`;
  throw new Gpt2Error('unsupported', `${where} has peft_type ${JSON.stringify(fields.peft_type)}; ${hint}`);
}

/** LN tuning stores whole parameters alone. */
async function readNothing(tensors: AdapterTensors): Promise<void> {
  for (const module of tensors.modules) tensors.partsOf(module, []);
}

async function readTokens(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  for (const module of tensors.modules) {
    await readTokenRows(tensors, module, tensors.fields.token_indices, builder);
  }
}
