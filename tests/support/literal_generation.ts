import { RandomStream } from '../../src/base/random.js';
import type { LogitsRow } from '../../src/core/types.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import { createProcessors } from '../../src/generate/processors/create_processors.js';
import { drawMaker } from '../../src/generate/sampling/draw_maker.js';
import { sample } from '../../src/generate/sampling/sampler.js';
import { watermarkMaker } from '../../src/generate/watermark/watermark_maker.js';
import { type FakeCore, NaiveRow } from './fake_core.js';
import { fakeTokenizer } from './fake_tokenizer.js';
import { resolveAll } from './resolve_all.js';

/**
 * The tokens that a generation must sample, computed without cache, session or text: each token from the
 * logits of the whole prefix. `index` is that of the completion. Stops after maxTokens, an end-of-text token
 * or a full context.
 */
export function literalTokens(
  core: FakeCore,
  prompt: readonly number[],
  options: GenerateOptions,
  index = 0,
): number[] {
  const { contextLength, vocabSize, eosTokenIds } = core.config;
  const resolved = resolveAll(options, core.config);
  const half = (tokens: readonly number[]) => {
    const kept = tokens.slice(0, resolved.keep);
    return [...kept, ...tokens.slice(-Math.floor((contextLength - resolved.keep) / 2))];
  };
  let window = prompt.length > contextLength ? half(prompt) : prompt.slice();
  const { watermark } = resolved;
  const processors = [
    ...createProcessors(resolved, window, eosTokenIds, fakeTokenizer),
    ...(watermark ? [watermarkMaker(watermark, vocabSize, resolved)(window)] : []),
  ];
  const random = new RandomStream(resolved.seed, index);
  const draw =
    drawMaker(resolved)?.(random, processors) ?? ((row: LogitsRow) => sample(row, resolved, random));
  const tokens: number[] = [];
  for (;;) {
    const row = new NaiveRow(core.logitsOf(window));
    for (let id = fakeTokenizer.vocabSize; id < vocabSize; id++) row.values[id] = Number.NEGATIVE_INFINITY;
    for (const processor of processors) processor.apply(row.values, row);
    const token = draw(row);
    tokens.push(token);
    for (const processor of processors) processor.push?.(token);
    if (tokens.length === resolved.maxTokens) return tokens;
    if (!resolved.ignoreEos && eosTokenIds.includes(token)) return tokens;
    if (window.length === contextLength && resolved.contextFull === 'stop') return tokens;
    const next = [...window, token];
    window = next.length > contextLength ? half(next) : next;
  }
}
