/** Whether a file with this beginning may be of torch.save: a ZIP archive, or a pickle of its magic number. */
export function isTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || isTorchPickle(bytes);
}

export function isZip([p, k, three, four]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

/** PROTO, then LONG1 of ten bytes. */
export function isTorchPickle([proto, version, long, length]: Uint8Array): boolean {
  return proto === 0x80 && version! >= 1 && version! <= 5 && long === 0x8a && length === 10;
}
