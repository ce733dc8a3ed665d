import type { compress, decompress } from '../../../src/examine.js';
import type { Model } from '../../../src/index.js';

export interface Story {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly hash: string;
  readonly forms: readonly string[];
  readonly compressed: string;
  readonly traced: string;
  readonly build: string;
  readonly threads: number;
  readonly tokensPerSecond: number;
}

interface Codec {
  readonly compress: typeof compress;
  readonly decompress: typeof decompress;
}

export function tellStory(model: Model, codec: Codec): Promise<Story>;
