/** Size of the buffer through which the body of an answer is read. */
const PIECE_BYTES = 65_536;

/** A source that reads a model's file from an R2 bucket in ranges, into memory that `loadModel` supplies. */
export function r2Source(bucket, key) {
  let etag;
  return {
    name: 'the bucket',
    async list() {
      const object = await bucket.head(key);
      etag = object?.etag;
      return object ? [{ path: key, byteLength: object.size }] : [];
    },
    async read(path, start, end, _signal, into = new Uint8Array(end - start)) {
      const range = { offset: start, length: end - start };
      const object = await bucket.get(path, { range, onlyIf: { etagMatches: etag } });
      if (!object?.body) throw new Error(`${path} was replaced while it was read`);
      const reader = object.body.getReader({ mode: 'byob' });
      let filled = 0;
      let piece = new ArrayBuffer(PIECE_BYTES);
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(piece));
        if (done) return into.subarray(0, filled);
        into.set(value, filled);
        filled += value.length;
        piece = value.buffer;
      }
    },
  };
}
