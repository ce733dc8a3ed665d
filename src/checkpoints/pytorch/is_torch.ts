/**
 * Whether a file with this beginning may be of torch.save: a ZIP archive, or a pickle of its magic number.
 */
export function isTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || isTorchPickle(bytes);
}

export function isZip([p, k, three, four]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

/**
 * The beginnings of the pickle of torch.save's number: protocols 2 and 3; 4 and 5, in a frame; 1, as text.
 */
const PICKLES: readonly (readonly (number | undefined)[])[] = [
  [0x80, undefined, 0x8a, 10],
  [0x80, undefined, 0x95, 13],
  [0x4c, 0x31, 0x31, 0x39],
];

export function isTorchPickle(bytes: Uint8Array): boolean {
  return PICKLES.some((begins) => begins.every((byte, i) => byte === undefined || bytes[i] === byte));
}
