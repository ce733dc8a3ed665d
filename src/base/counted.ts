/** A count with its noun, such as "1 step" or "12,345 tokens"; the plural takes an s. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
