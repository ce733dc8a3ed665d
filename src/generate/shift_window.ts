/**
 * The tokens that a shift keeps of too many for the context: the first `keep`, and the most recent ones,
 * which fill half of the remaining context.
 */
export function shiftWindow(tokens: readonly number[], keep: number, contextLength: number): number[] {
  const recent = Math.max(1, Math.floor((contextLength - keep) / 2));
  return [...tokens.slice(0, keep), ...tokens.slice(tokens.length - recent)];
}
