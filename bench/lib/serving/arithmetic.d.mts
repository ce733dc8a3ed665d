interface Span {
  readonly start: number;
  readonly end: number;
}

export const GROWTH: { readonly factor: number; readonly requests: number };
export function percentile(values: readonly number[], share: number): number;
export function poissonTimes(rate: number, seconds: number, seed: number): number[];
export function meanOpen(spans: readonly Span[], from: number, to: number): number;
export function queueOf(
  spans: readonly Span[],
  seconds: number,
): { readonly middle: number; readonly end: number; readonly grows: boolean };
export function highestRate(
  isHeld: (rate: number) => boolean | Promise<boolean>,
  first: number,
): Promise<number>;
export function coresFor(
  audience: { readonly users: number; readonly requestsPerDay: number; readonly peakFactor: number },
  rate: number,
): number;
