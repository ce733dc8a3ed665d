import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { show } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelSource } from '../../files/source.js';
import { GatheredAddresses } from '../gathered_source.js';
import { storedParameter } from '../gguf/names.js';
import type { StoredTensor } from '../stored_tensor.js';
import { CONFIG_FILE } from './file_names.js';
import { matchGpt2 } from './match_gpt2.js';
import { canonicalName } from './names.js';

/** Queries, keys and values of a layer. */
const ATTENTION = /^h\.\d+\.attn\.c_attn\.(?:weight|bias)$/;

/**
 * The tensors of a model of transformers' GPTBigCode (StarCoder, SantaCoder) as those of a GPT-2. Its matrices
 * have a row for each output. With multi-query attention all heads share one key and value, which are read once
 * for each head; without it, queries, keys and values lie together for each head. Throws as `openCheckpoint`
 * does.
 *
 * Shazeer 2019, Fast Transformer Decoding: One Write-Head is All You Need.
 */
export async function matchBigcode(
  source: ModelSource,
  config: ModelConfig,
  { multi_query: isMultiQuery = true }: JsonObject,
  stored: readonly StoredTensor[],
) {
  if (typeof isMultiQuery !== 'boolean') {
    throw new Gpt2Error(
      'invalid-file',
      `${CONFIG_FILE} of ${source.name}: multi_query is ${show(isMultiQuery)}; it must be true or false`,
    );
  }
  const addresses = new GatheredAddresses();
  const ends = new Map<string, number>();
  for (const { file, end } of stored) ends.set(file, Math.max(end, ends.get(file) ?? 0));
  const { channels, heads } = config;
  const size = channels / heads;

  /** The tensor with the rows of a GPT-2: all queries, all keys, all values. */
  function spread(tensor: StoredTensor): StoredTensor {
    const { name, file, shape, start, end } = tensor;
    const rows = isMultiQuery ? channels + 2 * size : 3 * channels;
    if (shape[0] !== rows) {
      throw new Gpt2Error(
        'invalid-file',
        `tensor ${JSON.stringify(name)} in ${file} of ${source.name} has shape [${shape.join(', ')}], but by ` +
          `${CONFIG_FILE} it must have ${rows} rows`,
      );
    }
    const rowBytes = (end - start) / rows;
    const bytes = rowBytes % 4 === 0 ? 4 : rowBytes % 2 === 0 ? 2 : 1;
    const columns = rowBytes / bytes;
    const part = (firstRow: number, shape: readonly number[], strides: readonly number[]) => ({
      ...({
        bytes,
        isSwapped: false,
        isF64: false,
        start: start + firstRow * rowBytes,
        shape,
        strides,
      } as const),
    });
    const head = size * columns;
    const parts = isMultiQuery
      ? [
          part(0, [channels * columns], [1]),
          part(channels, [heads, head], [0, 1]),
          part(channels + size, [heads, head], [0, 1]),
        ]
      : [part(0, [3, heads, head], [head, 3 * head, 1])];
    const place = addresses.addAll({ path: file, byteLength: ends.get(file)! }, parts);
    return { ...tensor, ...place, shape: [3 * channels, ...shape.slice(1)] };
  }

  const tensors = stored.map((tensor) =>
    ATTENTION.test(canonicalName(tensor.name) ?? '') ? spread(tensor) : tensor,
  );
  const found = await matchGpt2(source.name, config, tensors, (model) => ({
    ...model,
    layoutOf: storedParameter,
  }));
  return { ...found, source: addresses.in(source) };
}
