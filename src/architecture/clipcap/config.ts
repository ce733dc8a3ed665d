/** Sizes that all mappers have. */
export interface MapperSizes {
  /** D: numbers that the mapper takes. */
  readonly features: number;
  /** P: vectors that it makes. */
  readonly vectors: number;
  /** C: their width, that of the model. */
  readonly channels: number;
}

/** Linear, tanh, linear: from features to P x C numbers. */
export interface MlpMapperConfig extends MapperSizes {
  /** The kind of mapper. */
  readonly kind: 'mlp';
  /** Numbers between the two matrices. */
  readonly innerChannels: number;
}

/** A transformer over vectors made of the features and learned ones, which become the prefix. */
export interface TransformerMapperConfig extends MapperSizes {
  /** The kind of mapper. */
  readonly kind: 'transformer';
  /** Vectors that the features become. */
  readonly made: number;
  /** Transformer layers. */
  readonly layers: number;
  /** Attention heads a layer. */
  readonly heads: number;
  /** Width inside the MLP of a layer. */
  readonly innerChannels: number;
}

/** Everything about a mapper of ClipCap (Mokady et al. 2021) that changes the computation. */
export type MapperConfig = MlpMapperConfig | TransformerMapperConfig;
