/** A number of bytes for people: three digits and a unit, in powers of 1024. */
export function humanBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  let size = bytes;
  // Three digits hold at most 999; 999.5 would be shown as 1000.
  while (size >= 999.5 && power < units.length - 1) {
    size /= 1024;
    power++;
  }
  return `${threeDigits(size)} ${units[power]}`;
}

/** A number with three digits, or with more if its integer part has more. */
export function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
