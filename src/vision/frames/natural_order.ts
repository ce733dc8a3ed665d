/**
 * Compares names as people order them: runs of digits by their number, all else by code units; equal names
 * of different length (01 and 1) by code units too.
 */
export function naturalOrder(a: string, b: string): number {
  const [as, bs] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(as.length, bs.length); i++) {
    const order = compare(as[i]!, bs[i]!);
    if (order !== 0) return order;
  }
  return as.length - bs.length || byUnits(a, b);
}

/** Digits and all else, in turn. */
const parts = (name: string) => name.match(/\d+|\D+/g) ?? [];

function compare(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return byUnits(a, b);
  const [as, bs] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return as.length - bs.length || byUnits(as, bs);
}

const byUnits = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
