/** Bytes as people read them, in powers of 1024 and three digits. */
export function humanBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  let size = bytes;
  // Not 1024: 1023.9 would show as 1024.
  while (size >= 999.5 && power < units.length - 1) {
    size /= 1024;
    power++;
  }
  return `${threeDigits(size)} ${units[power]}`;
}

/** A number with three digits, or more where its whole part has more. */
export function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
