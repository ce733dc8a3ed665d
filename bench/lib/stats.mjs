/** Median, least and greatest of some numbers; of an even count, the median is between the middle two. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return { median: (low + high) / 2, least: sorted[0], most: sorted.at(-1) };
}
