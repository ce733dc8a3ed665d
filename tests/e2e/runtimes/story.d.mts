import type { Model } from '../../../src/index.js';

export interface Story {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly hash: string;
  readonly forms: readonly string[];
  readonly build: string;
  readonly threads: number;
  readonly tokensPerSecond: number;
}

export function tellStory(model: Pick<Model, 'generate' | 'logits' | 'runtime'>): Promise<Story>;
