/**
 * How much two images differ, from 0 to 1: the mean absolute difference of their pixels [channels, height,
 * width], each as a share of its channel's range from black to white. Exact arithmetic in a fixed order: the
 * same on all machines.
 */
export function changeOf(a: Float32Array, b: Float32Array, ranges: readonly number[]): number {
  const length = a.length / ranges.length;
  let sum = 0;
  for (const [channel, range] of ranges.entries()) {
    let inChannel = 0;
    for (let i = channel * length; i < (channel + 1) * length; i++) inChannel += Math.abs(a[i]! - b[i]!);
    sum += inChannel / range;
  }
  return sum / a.length;
}
