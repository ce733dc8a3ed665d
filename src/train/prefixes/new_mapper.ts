import { checkMapperConfig, checkMapperKind, MAPPER_SIZES } from '../../architecture/clipcap/check_config.js';
import type { MapperConfig } from '../../architecture/clipcap/config.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { MAPPER_HEADS } from '../../checkpoints/clipcap/mapper_config.js';
import type { Source } from '../../files/source_options.js';
import { MAPPER } from '../option_aliases.js';

/** A mapper of two matrices to train from scratch. */
export interface NewMlpMapper {
  /** Linear, tanh, linear. */
  readonly kind: 'mlp';
  /** D: numbers of the features, 512 for CLIP's ViT-B/32. */
  readonly features: number;
  /** P: vectors that the mapper makes. Default 10. */
  readonly vectors?: number;
  /** Numbers between the two matrices. Default half of those that the mapper makes, P C / 2. */
  readonly innerChannels?: number;
}

/** A mapper that is a transformer, to train from scratch. */
export interface NewTransformerMapper {
  /** A transformer over vectors made of the features and learned ones, which become the prefix. */
  readonly kind: 'transformer';
  /** D: numbers of the features, 512 for CLIP's ViT-B/32. */
  readonly features: number;
  /** P: vectors that the mapper makes. Default 10. */
  readonly vectors?: number;
  /** Vectors that the features become before the layers. Default 10. */
  readonly made?: number;
  /** Transformer layers. Default 8. */
  readonly layers?: number;
  /** Attention heads a layer, a divisor of the model's width. Default 8. */
  readonly heads?: number;
  /** Width inside the MLP of a layer. Default 2 C. */
  readonly innerChannels?: number;
}

/** A mapper in a file that is trained further. */
export interface StoredMapper {
  /** A source that `loadMapper` opens. */
  readonly source: Source;
  /** Attention heads of a transformer, which the file does not say. Default 8. */
  readonly heads?: number;
}

/** The mapper to train. */
export type MapperToTrain = NewMlpMapper | NewTransformerMapper | StoredMapper;

/** Throws `invalid-option` unless names and kind are those of a mapper to train. */
export function checkMapperToTrain(mapper: unknown): asserts mapper is MapperToTrain {
  const isStored = typeof mapper === 'object' && mapper !== null && 'source' in mapper;
  if (isStored) checkOptionNames('mapper', mapper, ['source', 'heads'], [MAPPER]);
  else {
    const sizes = MAPPER_SIZES[checkMapperKind(mapper)].filter((name) => name !== 'channels');
    checkOptionNames('mapper', mapper, ['kind', ...sizes], [MAPPER]);
  }
}

/** The configuration of a mapper to train from scratch, for a model of this width. Throws `invalid-option`. */
export function newMapperConfig(mapper: NewMlpMapper | NewTransformerMapper, channels: number): MapperConfig {
  const { vectors = 10 } = mapper;
  checkNumber('mapper.vectors', vectors, whole(1));
  const config: MapperConfig =
    mapper.kind === 'mlp'
      ? { innerChannels: Math.ceil((vectors * channels) / 2), ...given(mapper), vectors, channels }
      : {
          ...{ made: 10, layers: 8, heads: MAPPER_HEADS, innerChannels: 2 * channels },
          ...{ ...given(mapper), vectors, channels },
        };
  checkMapperConfig(config);
  return config;
}

/** Options without those that are undefined. */
function given<Options extends object>(
  options: Options,
): { [Name in keyof Options]: Exclude<Options[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Options]: Exclude<Options[Name], undefined> };
}
