import { normalTail } from '../../base/erfc.js';
import { exp } from '../../base/exact_math.js';
import { greenLists } from '../../generate/watermark/green_lists.js';
import type { ResolvedKgw, ResolvedUnigram } from '../../generate/watermark/resolved_watermark.js';
import type { GreenDetection } from './detection.js';
import type { Reading } from './reading.js';

/**
 * Counts green tokens (Kirchenbauer et al. 2023, Zhao et al. 2023), as transformers' `WatermarkDetector` does: a start
 * token at the beginning is left out.
 */
export async function readGreen(
  given: readonly number[],
  watermark: ResolvedKgw | ResolvedUnigram,
  { config, ignoreRepeatedNgrams, byLength, step }: Reading,
): Promise<GreenDetection> {
  const { kind, greenlistRatio: ratio } = watermark;
  const lists = greenLists(watermark, config.vocabSize);
  const isStarted = given.length > 0 && given[0] === config.bosTokenId;
  const ids = isStarted ? given.slice(1) : given;
  const before = lists.contextLength - (lists.includesToken ? 1 : 0);
  const length = Math.max(0, ids.length - before);
  const flags = new Uint8Array(length);
  const counts = new Uint8Array(length);
  const zByLength = new Float64Array(byLength ? length : 0);
  // Lists take time, and repeat.
  const known = new Map<string, boolean | undefined>();
  let tokens = 0;
  let green = 0;
  for (let i = 0; i < length; i++) {
    await step(i, length);
    const token = ids[i + before]!;
    const context = ids.slice(i, i + lists.contextLength);
    const name = `${lists.name(context)}:${token}`;
    const isRepeated = known.has(name);
    if (!isRepeated) known.set(name, lists.isGreen(context, token));
    const isGreen = known.get(name);
    if (isGreen) flags[i] = 1;
    if (isGreen !== undefined && !(isRepeated && ignoreRepeatedNgrams)) {
      counts[i] = 1;
      tokens++;
      green += flags[i]!;
    }
    if (byLength) zByLength[i] = zScore(green, tokens, ratio);
  }
  const z = zScore(green, tokens, ratio);
  return {
    kind,
    tokens,
    green,
    fraction: tokens === 0 ? 0 : green / tokens,
    z,
    p: tokens === 0 ? 1 : normalTail(z),
    transformersP: tokens === 0 ? 1 : transformersTail(z),
    first: before + (isStarted ? 1 : 0),
    flags,
    counts,
    ...(byLength && { zByLength }),
  };
}

function zScore(green: number, tokens: number, ratio: number): number {
  return tokens === 0 ? 0 : (green - ratio * tokens) / Math.sqrt(tokens * ratio * (1 - ratio));
}

function transformersTail(z: number): number {
  return 1 - 0.5 * (1 + Math.sign(z) * (1 - exp((-2 * z * z) / Math.PI)));
}
