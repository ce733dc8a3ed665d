import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelSource } from '../../files/source.js';
import { readTensor } from '../read_tensor.js';
import { openAdapter } from './adapter_parts.js';
import { ADAPTER_CONFIG_FILE } from './file_names.js';
import { isSoftPrompt, SOFT_PROMPT_TYPES } from './soft_prompt_types.js';

const TENSOR = 'prompt_embeddings';

/** Vectors that were learned in place of a prompt's text. */
export interface SoftPrompt {
  /** P x C, row-major. */
  readonly embeddings: Float32Array<ArrayBuffer>;
  /** C: the width of the model that they are for. */
  readonly channels: number;
}

/**
 * Reads the vectors of prompt tuning (Lester et al. 2021) or p-tuning (Liu et al. 2021) in PEFT's format; of the
 * latter, PEFT saves what its encoder has made. Throws `not-found`, `invalid-file` and, for other adapters,
 * `unsupported`.
 */
export async function readSoftPrompt(source: ModelSource, signal?: AbortSignal): Promise<SoftPrompt> {
  const { fields, where, tensors } = await openAdapter(source, signal);
  checkType(fields, where);
  const rows = sizeOf(fields, 'num_virtual_tokens', where);
  const channels = sizeOf(fields, 'token_dim', where);
  const stored = await tensors();
  const [tensor, ...others] = stored.tensors;
  if (tensor?.name !== TENSOR || others.length > 0) {
    const has = [tensor, ...others]
      .map((each) => JSON.stringify(each?.name))
      .find((name) => name !== `"${TENSOR}"`);
    throw new Gpt2Error(
      'unsupported',
      `the file of weights of ${source.name} has ${has === undefined ? 'no tensor' : `the tensor ${has}`}; a soft prompt has ${TENSOR} alone`,
    );
  }
  const embeddings = await readTensor(stored.source, tensor, [rows, channels], ADAPTER_CONFIG_FILE, signal);
  return { embeddings, channels };
}

/** Throws `unsupported` for any other adapter, and for a prompt of an encoder and a decoder. */
function checkType(fields: JsonObject, where: string): void {
  const { peft_type: type, num_transformer_submodules: parts } = fields;
  if (!isSoftPrompt(fields)) {
    const hint =
      type === 'LORA'
        ? 'loadModel and withAdapters take it as an adapter'
        : `${SOFT_PROMPT_TYPES.join(' and ')} are read`;
    throw new Gpt2Error('unsupported', `${where} has peft_type ${JSON.stringify(type)}; ${hint}`);
  }
  if (parts === undefined || parts === null || parts === 1) return;
  throw new Gpt2Error(
    'unsupported',
    `${where} has num_transformer_submodules ${JSON.stringify(parts)}; a GPT-2 has 1`,
  );
}

function sizeOf(fields: JsonObject, name: string, where: string): number {
  const value = fields[name];
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new Gpt2Error(
    'invalid-file',
    `${where} has ${name} ${JSON.stringify(value)}; it must be a whole number from 1`,
  );
}
