import type * as examine from '../../../../src/examine.js';
import type { LoadModelOptions, Model } from '../../../../src/index.js';

export interface Place {
  readonly load: (options: LoadModelOptions) => Promise<Model>;
  readonly examine: typeof examine;
}

export interface Input {
  readonly seed: number;
  readonly only?: readonly string[];
}

export interface Story {
  readonly digests: Readonly<Record<string, string>>;
  readonly build: string;
  readonly threads: number;
  readonly tokensPerSecond: number | undefined;
}

export function tellStory(place: Place, input: Input): Promise<Story>;
