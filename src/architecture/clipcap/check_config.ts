import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { MAX_LAYERS, MAX_SIZE } from '../gpt2/config_values.js';
import type { MapperConfig } from './config.js';

/** Kinds of mappers, and the sizes that each has. */
export const MAPPER_SIZES = {
  mlp: ['features', 'vectors', 'channels', 'innerChannels'],
  transformer: ['features', 'vectors', 'channels', 'made', 'layers', 'heads', 'innerChannels'],
} as const;

/** Throws `invalid-option` unless this is the whole configuration of a mapper. */
export function checkMapperConfig(config: unknown): asserts config is MapperConfig {
  const kind = checkMapperKind(config);
  const sizes: readonly string[] = MAPPER_SIZES[kind];
  checkOptionNames('mapper', config, ['kind', ...sizes]);
  for (const name of sizes) {
    const most = name === 'layers' ? MAX_LAYERS : MAX_SIZE;
    checkNumber(`mapper.${name}`, (config as Record<string, unknown>)[name], whole(1, most));
  }
  const { channels, heads } = config as { channels: number; heads?: number };
  if (heads === undefined || channels % heads === 0) return;
  throw invalidOption('mapper.heads', heads, `a divisor of ${channels}, the width of the mapper`);
}

/** The kind of a mapper. Throws `invalid-option` if there is none such. */
export function checkMapperKind(mapper: unknown): keyof typeof MAPPER_SIZES {
  const kind = (mapper as { readonly kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === 'string' && Object.hasOwn(MAPPER_SIZES, kind)) return kind as keyof typeof MAPPER_SIZES;
  throw invalidOption('mapper.kind', kind, quotedList(Object.keys(MAPPER_SIZES)));
}
