import type { MetadataPair } from './header_writer.js';

/** The metadata of a tokenizer that is not GPT-2's. */
export interface OtherMetadata {
  readonly pairs: readonly MetadataPair[];
  /** Properties that the metadata cannot express, a sentence each. */
  readonly warnings: readonly string[];
  /** Ids of tokens by the names of their keys in GGUF. */
  readonly ids: Readonly<Record<string, number | undefined>>;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly chatTemplate: unknown;
}
