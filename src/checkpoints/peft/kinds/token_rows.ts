import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import { HEAD } from '../adapted_model.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdaptedModule, AdapterTensors } from '../adapter_tensors.js';
import { ReplacedRows } from '../changes/replaced.js';

/** The tensor of trained tokens. */
export const TOKEN_ROWS = 'trainable_tokens_delta';

/**
 * Embeddings of some tokens, which the adapter has whole. `indices` is a list of the tokens, or lists by names of
 * modules. A tied head follows the embedding, unless it has trained tokens of its own.
 */
export async function readTokenRows(
  tensors: AdapterTensors,
  module: AdaptedModule,
  indices: unknown,
  builder: AdapterBuilder,
): Promise<void> {
  const { parameter, name } = module;
  const [rows, columns] = parameter.shape as [number, number];
  const tokens = tokensOf(indices, name);
  if (!tokens?.every((token) => Number.isSafeInteger(token) && token >= 0 && token < rows)) {
    throw new Gpt2Error(
      'invalid-file',
      `${tensors.where} must list the trained tokens of ${name}, token ids below ${rows}`,
    );
  }
  const parts = tensors.partsOf(module, [TOKEN_ROWS]);
  const values = await tensors.read(parts[TOKEN_ROWS], [tokens.length, columns]);
  const byToken = new Map(tokens.map((token, i) => [token, values.subarray(i * columns, (i + 1) * columns)]));
  const isHeadApart = tensors.modules.some(
    ({ parameter: { name }, parts }) => name === HEAD && parts.has(TOKEN_ROWS),
  );
  builder.add(parameter.name, new ReplacedRows(byToken), !isHeadApart);
}

function tokensOf(indices: unknown, module: string): number[] | undefined {
  if (Array.isArray(indices)) return indices;
  if (!isJsonObject(indices)) return undefined;
  const found = Object.entries(indices).find(([name]) => module === name || module.endsWith(`.${name}`));
  return Array.isArray(found?.[1]) ? found[1] : undefined;
}
