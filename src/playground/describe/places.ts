import { percentOf } from '../../examine/report/percent.js';
import type { Patches } from '../../vision/patches.js';

/** The ninths of an image, row by row. */
const PLACES = [
  ...['top left', 'top', 'top right'],
  ...['left', 'middle', 'right'],
  ...['bottom left', 'bottom', 'bottom right'],
] as const;
export type Place = (typeof PLACES)[number];

/** Where a word looks. */
export interface Look {
  /** Parts of the image with their shares of the attention, largest first. */
  readonly places: readonly { readonly place: Place; readonly share: number }[];
  /** The share that goes to no patch, but to the image as a whole. */
  readonly whole: number;
}

/** The shares of the ninths of an image. A patch that lies in several of them counts for each by its area. */
export function lookOf(weights: Float32Array, { rows, columns }: Patches): Look {
  const shares = new Array<number>(9).fill(0);
  for (const [patch, weight] of weights.entries()) {
    const down = thirds(Math.floor(patch / columns), rows);
    const across = thirds(patch % columns, columns);
    for (const place of shares.keys()) {
      shares[place]! += weight * down[Math.floor(place / 3)]! * across[place % 3]!;
    }
  }
  const places = PLACES.map((place, i) => ({ place, share: shares[i]! }));
  const sum = shares.reduce((a, b) => a + b, 0);
  return { places: places.sort((a, b) => b.share - a.share), whole: Math.max(0, 1 - sum) };
}

/** How much of a row or column of patches lies in each third of the image. */
function thirds(index: number, count: number): number[] {
  return [0, 1, 2].map((third) => {
    const from = Math.max(index / count, third / 3);
    const to = Math.min((index + 1) / count, (third + 1) / 3);
    return Math.max(0, to - from) * count;
  });
}

/** A ninth with at least this part of what goes to patches is named; each has 0.11 if they are equal. */
const MUCH = 0.16;

/** "mostly at the top left (31 %) and the top (20 %)" */
export function lookText({ places, whole }: Look): string {
  const most = places.filter(({ share }) => share >= MUCH * (1 - whole)).slice(0, 2);
  if (most.length === 0) return 'all over the image';
  return `mostly at ${most.map(({ place, share }) => `the ${place} (${percentOf(share)})`).join(' and ')}`;
}
